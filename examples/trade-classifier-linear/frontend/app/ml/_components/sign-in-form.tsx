"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, useEffect, useState } from "react";
import { BASE, paths } from "../_lib/paths";
import { useSignIn } from "../_lib/session";
import { Alert } from "./ui/alert";
import { Button } from "./ui/button";
import { Card } from "./ui/card";
import { Field } from "./ui/field";
import { Input } from "./ui/input";

type Mode = "sign-in" | "sign-up";

const words = {
  "sign-in": {
    title: "Sign in",
    submit: "Sign in",
    question: "No account yet?",
    other: "Create one",
  },
  "sign-up": {
    title: "Create your account",
    submit: "Create account",
    question: "You have an account?",
    other: "Sign in",
  },
};

export function SignInForm() {
  const { auth, session } = useSignIn();
  const router = useRouter();
  const next = useSearchParams().get("next");
  const [mode, setMode] = useState<Mode>("sign-in");
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState("");
  const [notice, setNotice] = useState("");

  useEffect(() => {
    if (session) router.replace(ownPath(next));
  }, [session, router, next]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!auth) return;
    const form = new FormData(event.currentTarget);
    const credentials = {
      email: String(form.get("email")),
      password: String(form.get("password")),
    };
    setPending(true);
    setError("");
    setNotice("");
    const answer =
      mode === "sign-in"
        ? await auth.signInWithPassword(credentials)
        : await auth.signUp(credentials);
    setPending(false);
    if (answer.error) setError(answer.error.message);
    else if (!answer.data.session)
      setNotice("Check your mail: a link there confirms your account.");
  }

  const { title, submit: submitTitle, question, other } = words[mode];
  return (
    <Card className="p-6">
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      {/* Sent before the page is ready, the password must not stand in an address. */}
      <form method="post" onSubmit={submit} className="mt-5 grid gap-4">
        <Field label="Email">
          {(control) => (
            <Input {...control} name="email" type="email" autoComplete="email" required />
          )}
        </Field>
        <Field label="Password" hint={mode === "sign-up" && "At least 8 characters."}>
          {(control) => (
            <Input
              {...control}
              name="password"
              type="password"
              autoComplete={mode === "sign-in" ? "current-password" : "new-password"}
              minLength={mode === "sign-up" ? 8 : undefined}
              required
            />
          )}
        </Field>
        {error && <Alert variant="error">{error}</Alert>}
        {notice && <Alert>{notice}</Alert>}
        <Button type="submit" disabled={!auth} pending={isPending}>
          {submitTitle}
        </Button>
      </form>
      <p className="mt-5 text-center text-sm text-muted-foreground">
        {question}{" "}
        <Button
          variant="link"
          className="h-auto p-0"
          onClick={() => setMode(mode === "sign-in" ? "sign-up" : "sign-in")}
        >
          {other}
        </Button>
      </p>
    </Card>
  );
}

/** Only a page of ours: an address of elsewhere in `next` would be a trap. */
function ownPath(next: string | null): string {
  return next?.startsWith(`${BASE}/`) && !next.startsWith(paths.signIn) ? next : paths.overview;
}
