import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";

export type Person = { email: string; password: string };

export const somebody = (): Person => ({
  email: `e2e-${randomUUID()}@example.com`,
  password: "correct horse battery staple",
});

export async function signUp(page: Page, person: Person): Promise<void> {
  await page.goto("/ml/sign-in");
  await page.getByRole("button", { name: "Create one" }).click();
  await fillIn(page, person);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL("/ml");
}

export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto("/ml/sign-in");
  await fillIn(page, person);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("/ml");
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/ml\/sign-in/);
}

async function fillIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
}
