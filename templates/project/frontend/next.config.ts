import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  allowedDevOrigins: ["127.0.0.1"], // the same machine as localhost, by its other name
  reactStrictMode: true,
};

export default config;
