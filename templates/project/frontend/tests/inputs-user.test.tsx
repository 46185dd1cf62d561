import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { InputForm } from "../app/ml/_components/inputs/input-form";

const schema = {
  type: "object",
  kind: "user",
  required: ["user"],
  properties: {
    user: { type: "string", title: "User", minLength: 1, description: "Whose taste it is." },
    items: {
      anyOf: [{ type: "array", items: { type: "string" }, maxItems: 3 }, { type: "null" }],
      default: null,
      title: "Items",
    },
    exclude: { type: "array", items: { type: "string" }, uniqueItems: true, default: [] },
    count: { type: "integer", minimum: 1, maximum: 100, default: 10 },
  },
};

function open() {
  const submit = vi.fn(async () => ({}));
  render(<InputForm schema={schema} onSubmit={submit} />);
  return { submit, user: userEvent.setup() };
}

const field = (name: string) => screen.getByLabelText<HTMLInputElement>(new RegExp(`^${name}`));
const predict = () => screen.getByRole("button", { name: "Predict" });

test("a user is enough", async () => {
  const { submit, user } = open();
  expect(field("Count").placeholder).toBe("10");
  await user.type(field("User"), "u-17");
  await user.click(predict());
  expect(submit).toHaveBeenCalledExactlyOnceWith({ user: "u-17" });
});

test("items stand one on each line", async () => {
  const { submit, user } = open();
  await user.type(field("User"), "u-17");
  await user.type(field("Items"), "film 1{Enter}{Enter} film 2 ");
  await user.type(field("Exclude"), "film 9");
  await user.type(field("Count"), "5");
  await user.click(predict());
  expect(submit).toHaveBeenCalledExactlyOnceWith({
    user: "u-17",
    items: ["film 1", "film 2"],
    exclude: ["film 9"],
    count: 5,
  });
});

test("what is wrong is said at its field", async () => {
  const { submit, user } = open();
  await user.type(field("Items"), "a{Enter}b{Enter}c{Enter}d");
  await user.type(field("Exclude"), "a{Enter}a");
  await user.type(field("Count"), "0");
  await user.click(predict());
  expect(screen.getAllByRole("alert").map((alert) => alert.textContent)).toEqual([
    "Fill this in.",
    "At most 3 are taken; these are 4.",
    "One of them is there twice.",
    "Write at least 1.",
  ]);
  expect(submit).not.toHaveBeenCalled();
});
