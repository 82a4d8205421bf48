/** Where the steps of loads and migrations are told; nothing is made for a channel without subscribers. */

import { channel, tracingChannel } from 'node:diagnostics_channel';
import type { DiagnosticMessages } from './messages.ts';

/** Steps that take time. */
const TRACING_CHANNELS = ['relyt:upload', 'relyt:freeze', 'relyt:import', 'relyt:migrate'] as const;
/** What happens in a moment. */
const POINT_CHANNELS = ['relyt:encode', 'relyt:retry', 'relyt:reject'] as const;

export type StepChannel = (typeof TRACING_CHANNELS)[number];
export type PointChannel = (typeof POINT_CHANNELS)[number];

const points = Object.fromEntries(POINT_CHANNELS.map((name) => [name, channel(name)]));
const steps = Object.fromEntries(
  TRACING_CHANNELS.map((name) => [name, tracingChannel<unknown, object>(name)]),
);

/** @param message made only when it is wanted */
export function publish<Name extends PointChannel>(
  name: Name,
  message: () => DiagnosticMessages[Name],
): void {
  const to = points[name];
  if (to?.hasSubscribers) to.publish(message());
}

/** Undefined while nothing subscribes to it. */
export function subscribedStep(name: StepChannel) {
  const step = steps[name];
  return step?.hasSubscribers ? step : undefined;
}
