import type { Incoming } from '../incoming.ts';
import type { Access } from './access.ts';
import { linksOf } from './incoming/links.ts';
import { finishIncoming, openQuestion, park } from './incoming/questions.ts';
import { receive, takeComplete } from './incoming/reassembly.ts';
import { mayTakeComplete } from './peek.ts';

/** Messages from phones, in LMDB. */
export function incomingIn(access: Access): Incoming {
  return {
    receive: (part, waitUntil) => access.run((work) => receive(work, part, waitUntil)),
    takeComplete: (request) =>
      access.take(
        (view) => mayTakeComplete(view, request),
        (work) => takeComplete(work, request),
      ),
    finish: (lease, result) => access.run((work) => finishIncoming(work, lease, result)),
    park: (lease, question, ask) => access.run((work) => park(work, lease, question, ask)),
    question: (number, gateway, now) => access.look((view) => openQuestion(view, number, gateway, now)),
    links: (number, now) => access.look((view) => linksOf(view, number, now)),
  };
}
