import { isProblem } from "./problems";

type Upload = {
  url: string;
  file: File;
  token: string | undefined;
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
export function upload({ url, file, token, onProgress, signal }: Upload): Promise<unknown> {
  const form = new FormData();
  form.set("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", url);
  if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
  return new Promise((resolve, reject) => {
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
