import { accountRoutes } from './accounts.ts';
import { gatewayRoutes } from './gateways.ts';
import { mailQueueRoutes } from './mail-queue.ts';
import { messageRoutes } from './messages.ts';

/** The API under /api/v1: every route that there is. Where two fit a request, the first one takes it. */
export const ROUTES = [...messageRoutes, ...mailQueueRoutes, ...accountRoutes, ...gatewayRoutes] as const;

/** What clients are typed by. */
export type Api = (typeof ROUTES)[number];
