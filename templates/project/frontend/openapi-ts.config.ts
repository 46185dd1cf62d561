import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: "./openapi.json",
  output: "./app/ml/_api",
  plugins: ["@hey-api/client-fetch", "@tanstack/react-query"],
});
