import { isProblem } from "./problems";

export type Advice = {
  title: string;
  advice: string;
  canRetry: boolean;
  /** What is to be done is done on the model's page. */
  isAboutModel: boolean;
};

const NO_ANSWER = "The model cannot answer now";

/** What a refusal means, and what to do, in words. */
export function adviceOf(error: unknown, mayFallBack: boolean): Advice {
  if (!isProblem(error)) return advice("The model could not be asked", "", { canRetry: true });
  const fallback = mayFallBack ? "" : "Or allow a fallback, and ask again.";
  switch (error.status) {
    case 404:
      return advice("This model is not there", "It may have been deleted: choose another one.");
    case 409:
      return conflict(error.detail, mayFallBack);
    case 413:
      return advice("This is more than the server takes", "Send something smaller.");
    case 422:
      return advice("The model does not take this input", "Change it, and ask again.");
    case 429:
      return advice("Too many requests", "Nothing was asked, and nothing was paid.", {
        canRetry: true,
      });
    case 502:
      return advice(NO_ANSWER, fallback, { canRetry: true, isAboutModel: true });
    case 503:
    case 504:
      return advice(NO_ANSWER, `It often helps to wait a moment. ${fallback}`, { canRetry: true });
    default:
      return advice("The model could not be asked", "", { canRetry: true });
  }
}

function conflict(detail: string, mayFallBack: boolean): Advice {
  if (mayFallBack && /fallback/i.test(detail))
    return advice(
      "Neither the model nor a fallback can answer",
      "Whoever runs the backend can set up a fallback. Without one, the model has to be there.",
      { canRetry: true, isAboutModel: true },
    );
  if (/in production/.test(detail))
    return advice("No version is in production", "Promote one on the model's page.", {
      isAboutModel: true,
    });
  return advice("This cannot be asked twice at once", "Wait a moment.", { canRetry: true });
}

function advice(title: string, words: string, more: Partial<Advice> = {}): Advice {
  return { title, advice: words.trim(), canRetry: false, isAboutModel: false, ...more };
}
