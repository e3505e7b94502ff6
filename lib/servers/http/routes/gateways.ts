import { replyRequest, ussdRequest } from '../../../flow/operator/queries.ts';
import { gatewayList, phoneList, ussdView } from '../../../flow/operator/views/gateway.ts';
import { statsView, statusView } from '../../../flow/operator/views/status.ts';
import { route } from '../route.ts';

/** How everything is; gateways and simulated phones. */
export const gatewayRoutes = [
  route('GET /status', {
    summary: 'Show how everything is, what is wrong first',
    answer: statusView,
    handle: ({ operations, actor }) => operations.overview.show(actor),
  }),
  route('GET /stats', {
    summary: 'Count messages by state, and what else the store keeps',
    answer: statsView,
    handle: ({ operations, actor }) => operations.overview.stats(actor),
  }),
  route('GET /gateways', {
    summary: 'List the gateways, how they are, and what they sent and failed today',
    answer: gatewayList,
    handle: async ({ operations, actor }) => ({ gateways: await operations.gateways.list(actor) }),
  }),
  route('POST /gateways/:id/ussd', {
    summary: "Ask the network of a gateway's SIM a USSD code",
    body: ussdRequest,
    answer: ussdView,
    handle: ({ operations, actor, path, body }) => operations.gateways.ussd(actor, path.id, body.code),
  }),
  route('GET /phones', {
    summary: 'List simulated phones with what they received and sent',
    answer: phoneList,
    handle: ({ operations, actor }) => ({ phones: operations.gateways.phones(actor) }),
  }),
  route('POST /phones/:number/replies', {
    summary: 'Answer from a simulated phone',
    body: replyRequest,
    handle: ({ operations, actor, path, body }) =>
      operations.gateways.reply(actor, { number: path.number, ...body }),
  }),
] as const;
