import { describe, expect, it } from "vitest";
import { readSettings, settingsOf } from "../app/ml/_lib/schema";

const schema = {
  type: "object",
  required: ["folder"],
  $defs: { Optimizer: { enum: ["adamw", "sgd"], type: "string" } },
  properties: {
    max_rows: {
      anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }],
      default: null,
      title: "Max Rows",
      description: "Rows to use at the most.",
    },
    rate: { type: "number", exclusiveMinimum: 0, maximum: 1, default: 0.0001 },
    quick: { type: "boolean", default: false },
    half: {
      anyOf: [{ type: "boolean" }, { type: "null" }],
      default: null,
      description: "Half precision; blank where the processor has it.",
    },
    optimizer: { $ref: "#/$defs/Optimizer", default: "adamw", title: "How it steps" },
    layers: { type: "array", items: { type: "string" }, default: ["q", "v"] },
    folder: { type: "string", minLength: 2, pattern: "^[a-z]+$" },
  },
};
const settings = settingsOf(schema);
const read = (typed: Record<string, string>) =>
  readSettings(settings, { folder: "runs", ...typed });

describe("fields of a schema", () => {
  it("come in its order, with the kind of control that they need", () => {
    expect(settings.map(({ name, kind }) => [name, kind])).toEqual([
      ["max_rows", "integer"],
      ["rate", "number"],
      ["quick", "boolean"],
      ["half", "boolean"],
      ["optimizer", "choice"],
      ["layers", "json"],
      ["folder", "text"],
    ]);
  });

  it("are labelled by the name, or by a title that says more", () => {
    expect(settings[0]?.label).toBe("Max rows");
    expect(settings[4]?.label).toBe("How it steps");
  });

  it("say what blank means where the description does not", () => {
    expect(settings[0]?.hint).toBe("Rows to use at the most. Blank means not set.");
    expect(settings[3]?.hint).toBe("Half precision; blank where the processor has it.");
  });

  it("begin with the default as it would be typed", () => {
    expect(settings.map(({ initial }) => initial)).toEqual([
      "",
      "0.0001",
      "false",
      "",
      '"adamw"',
      '["q","v"]',
      "",
    ]);
  });
});

describe("what was typed", () => {
  it("is sent only where it differs from the default", () => {
    expect(read({ rate: "1e-4", quick: "false", layers: '["q", "v"]' }).values).toEqual({
      folder: "runs",
    });
    expect(read({ rate: "0.5", quick: "true", half: "false", optimizer: '"sgd"' }).values).toEqual({
      rate: 0.5,
      quick: true,
      half: false,
      optimizer: "sgd",
      folder: "runs",
    });
  });

  it("means null or the default where it is blank", () => {
    const { values, faults } = read({ max_rows: " ", rate: "" });
    expect(values).toEqual({ folder: "runs" });
    expect(faults).toEqual({});
  });

  it.each([
    ["max_rows", "1.5", "This has to be a whole number."],
    ["max_rows", "0", "This has to be at least 1."],
    ["rate", "fast", "This has to be a number, as 0.5."],
    ["rate", "0", "This has to be more than 0."],
    ["rate", "2", "This has to be at most 1."],
    ["layers", "[q", 'This has to be JSON, as ["a", "b"].'],
    ["folder", "", "This is needed."],
    ["folder", "x", "This has to be at least 2 characters."],
    ["folder", "A1", "This has to be of the form ^[a-z]+$."],
  ])("%s = %j: %s", (name, text, fault) => {
    const { values, faults } = read({ [name]: text });
    expect(faults).toEqual({ [name]: fault });
    expect(values).not.toHaveProperty(name);
  });
});
