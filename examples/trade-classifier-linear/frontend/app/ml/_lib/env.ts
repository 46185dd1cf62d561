import "server-only";
import { z } from "zod";

/** What the Next server is told by its environment, read when it runs and not when it is built. */
const Environment = z
  .object({
    ML_API_URL: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:8000"),
    SUPABASE_URL: z.url({ protocol: /^https?$/ }).optional(),
    SUPABASE_PUBLISHABLE_KEY: z.string().min(1).optional(),
  })
  .refine((env) => !env.SUPABASE_URL === !env.SUPABASE_PUBLISHABLE_KEY, {
    error: "SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY are set together, or not at all.",
  })
  .refine((env) => !env.SUPABASE_PUBLISHABLE_KEY?.startsWith("sb_secret_"), {
    error: "It is a secret key, which would go to every browser: use the publishable one.",
    path: ["SUPABASE_PUBLISHABLE_KEY"],
  });

export type Env = z.infer<typeof Environment>;

/** @throws {Error} One sentence for each variable that cannot be. */
export function readEnv(source: Record<string, string | undefined> = process.env): Env {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const read = Environment.safeParse(set);
  if (read.success) return read.data;
  throw new Error(
    read.error.issues.map((issue) => [...issue.path, issue.message].join(": ")).join("\n"),
  );
}
