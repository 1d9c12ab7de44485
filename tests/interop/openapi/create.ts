// The simplest create, as a TypeScript program writes it with a client generated from the description.
import createClient from 'openapi-fetch';
import type { paths } from './api';

const [url, token] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });

const { data, error, response } = await client.POST('/v1/calls', { body: { peer: '@sandbox_group' } });
if (!data) throw new Error(`${response.status}: ${JSON.stringify(error)}`);
// 202, a job, is only for who asks for it by Prefer.
if (!('call' in data)) throw new Error(`a job: ${data.id}`);
const id: string = data.call.id;
const again = await client.GET('/v1/calls/{id}', { params: { path: { id } } });
console.log(response.status, again.data?.call.id === id);
