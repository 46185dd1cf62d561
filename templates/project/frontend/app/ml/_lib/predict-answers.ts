import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Answer } from "./predict";
import type { Correction } from "./predict-correction";

const KEY = ["answers of this session"];
const MOST = 10;

export type SessionAnswer = Answer & { correction?: Correction };

/** The newest answers, kept while the app is open; signing out empties the cache that they are in. */
export function useAnswers() {
  const queryClient = useQueryClient();
  const { data: answers } = useQuery<SessionAnswer[]>({
    queryKey: KEY,
    queryFn: () => [],
    initialData: [],
    staleTime: Infinity,
    gcTime: Infinity,
  });
  const change = (change: (answers: SessionAnswer[]) => SessionAnswer[]) =>
    queryClient.setQueryData<SessionAnswer[]>(KEY, (answers = []) => change(answers));

  return {
    answers,
    /** The same input has the same answer: it moves up, with what was said about it. */
    add: (answer: Answer) =>
      change((answers) => {
        const { id } = answer.prediction;
        const known = answers.find(({ prediction }) => prediction.id === id);
        const others = answers.filter((other) => other !== known);
        return [{ ...answer, correction: known?.correction }, ...others].slice(0, MOST);
      }),
    correct: (id: string, correction: Correction | undefined) =>
      change((answers) =>
        answers.map((answer) => (answer.prediction.id === id ? { ...answer, correction } : answer)),
      ),
  };
}
