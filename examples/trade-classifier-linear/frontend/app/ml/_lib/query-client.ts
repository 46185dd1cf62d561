import { MutationCache, QueryClient } from "@tanstack/react-query";
import { isProblem, sentenceOf } from "./problems";
import { say } from "./toast";

const RETRIES = 2;

declare module "@tanstack/react-query" {
  interface Register {
    mutationMeta: {
      /** The page itself shows what went wrong, beside the field that it is about. */
      showsErrors?: boolean;
    };
  }
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2000,
        retry: (failures, error) => failures < RETRIES && mayPass(error),
      },
    },
    mutationCache: new MutationCache({
      onError: (error, _variables, _context, mutation) => {
        if (!mutation.meta?.showsErrors) void say("error", sentenceOf(error));
      },
    }),
  });
}

/** Whether asking again can help: not where the request itself is wrong. */
function mayPass(error: unknown): boolean {
  return !isProblem(error) || error.status >= 500 || error.status === 429;
}
