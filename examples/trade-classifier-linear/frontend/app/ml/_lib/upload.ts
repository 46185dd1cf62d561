import { API } from "./paths";
import { isProblem } from "./problems";
import { currentToken } from "./session";

export type UploadOptions = {
  /** As the API's own, with its query. */
  path: string;
  file: File;
  headers?: Record<string, string>;
  /** Told the share that is sent, from 0 to 1. */
  onProgress: (share: number) => void;
  signal: AbortSignal;
};

/**
 * Sends a file as a form, by XMLHttpRequest: fetch does not say how much is sent.
 *
 * @returns What the server answers, as JSON.
 * @throws The server's problem, or an error with a sentence.
 */
export async function upload({ path, file, headers, onProgress, signal }: UploadOptions) {
  const form = new FormData();
  form.set("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", `${API}${path}`);
  const authorization = `Bearer ${await currentToken()}`;
  for (const [name, value] of Object.entries({ ...headers, authorization })) {
    request.setRequestHeader(name, value);
  }
  request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
  return new Promise<unknown>((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => request.abort());
    request.onload = () => {
      const answer = readJson(request.responseText);
      if (request.status < 400) resolve(answer);
      else reject(isProblem(answer) ? answer : new Error(`The server answers ${request.status}.`));
    };
    request.onerror = () => reject(new TypeError("The connection was lost."));
    request.onabort = () => reject(new DOMException("The upload was cancelled.", "AbortError"));
    request.send(form);
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a page of some proxy on the way
  }
}
