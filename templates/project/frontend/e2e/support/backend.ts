import type { APIRequestContext, Page } from "@playwright/test";
import { file } from "./data";
import { expect } from "./test";

type Options = { json?: unknown; csv?: string; params?: Record<string, string> };
type Json = Record<string, unknown>;

/** What a signed-in user asks the backend by its proxy, where a test needs something to be there. */
export class Backend {
  private constructor(
    private readonly request: APIRequestContext,
    readonly authorization: string,
  ) {}

  static async of(page: Page): Promise<Backend> {
    const asked = page.waitForRequest((request) => "authorization" in request.headers());
    await page.goto("/ml/datasets");
    const { authorization = "" } = (await asked).headers();
    return new Backend(page.request, authorization);
  }

  async get(path: string): Promise<Json> {
    return this.ask("GET", path, {});
  }

  async post(path: string, options: Options = {}): Promise<Json> {
    return this.ask("POST", path, options);
  }

  async patch(path: string, json: unknown): Promise<Json> {
    return this.ask("PATCH", path, { json });
  }

  async put(path: string, json: unknown): Promise<Json> {
    return this.ask("PUT", path, { json });
  }

  /** Start what a worker does, and wait for its end. */
  async done(path: string, options: Options = {}): Promise<Json> {
    const { id } = await this.post(path, options);
    await expect
      .poll(async () => (await this.get(`jobs/${id}`)).status, { timeout: 300_000 })
      .not.toMatch(/queued|running/);
    return this.get(`jobs/${id}`);
  }

  /** That a training has reported, in the order of its events. */
  async steps(job: string): Promise<number[]> {
    const events: { kind: string; data: { step: number; loss?: number } }[] = [];
    for (let after: string | null = "0"; after !== null;) {
      const page = await this.get(`jobs/${job}/events?format=json&limit=500&after=${after}`);
      events.push(...(page.items as typeof events));
      after = page.next_cursor as string | null;
    }
    return events
      .filter(({ kind, data }) => kind === "step" && data.loss !== undefined)
      .map(({ data }) => data.step);
  }

  private async ask(method: string, path: string, { json, csv, params }: Options): Promise<Json> {
    const answer = await this.request.fetch(`/ml/api/ml/${path}`, {
      method,
      headers: { authorization: this.authorization },
      params,
      data: json,
      multipart: csv === undefined ? undefined : { file: file("data.csv", csv) },
    });
    expect(answer.ok(), await answer.text()).toBe(true);
    return answer.json();
  }
}
