import { create } from 'zustand';
import type { CallOptions } from '../engine/api.ts';

export interface Task {
  readonly id: number;
  readonly title: string;
  /** What it is doing now. */
  readonly label: string;
  /** Done and total in the task's own unit; total 0 while it is not known. */
  readonly done: number;
  readonly total: number;
  readonly cancel: () => void;
}

interface TaskState {
  readonly tasks: readonly Task[];
}

export const useTasks = create<TaskState>(() => ({ tasks: [] }));

let nextId = 1;

/** Runs something long where a person sees it and can stop it. Rejects with what `work` rejects with. */
export async function runTask<T>(title: string, work: (options: Required<CallOptions>) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const id = nextId++;
  const task: Task = { id, title, label: '', done: 0, total: 0, cancel: () => controller.abort() };
  useTasks.setState(({ tasks }) => ({ tasks: [...tasks, task] }));
  try {
    return await work({
      signal: controller.signal,
      onProgress: ({ label, done, total }) =>
        useTasks.setState(({ tasks }) => ({
          tasks: tasks.map((t) => (t.id === id ? { ...t, label, done, total } : t)),
        })),
    });
  } finally {
    useTasks.setState(({ tasks }) => ({ tasks: tasks.filter((t) => t.id !== id) }));
  }
}
