// A FHIR server behind a sign-in that others wrote: oidc-provider (https://github.com/panva/node-oidc-provider), strict
// as it comes: PKCE S256, rotating refresh tokens, and a refresh token that comes twice ends the whole grant.
//   node sign_in.mjs SETTINGS.json
// SETTINGS: port, target (the FHIR base behind it), patient, redirect, client (of oidc-provider), tokenSeconds. What is
// asked for tokens, and what was answered, is at /said; POST /lose: the next answer to a refresh never arrives. Who
// comes is signed in and allows everything.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const origin = `http://127.0.0.1:${settings.port}`;
const base = `${origin}/fhir`;
const said = [];
let loses = false;

const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const provider = new Provider(origin, {
  clients: [{ client_id: "portal", redirect_uris: [settings.redirect], grant_types: ["authorization_code", "refresh_token"],
              ...settings.client }],
  jwks: { keys: [{ ...(await exportJWK(privateKey)), use: "sig", alg: "RS256", kid: "one" }] },
  scopes: ["openid", "offline_access", "fhirUser", "launch/patient", "patient/*.rs"],
  claims: { fhirUser: ["fhirUser"] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, fhirUser: `${base}/Patient/${id}` }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
  enabledJWA: { clientAuthSigningAlgValues: ["RS384", "ES384"] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: { AccessToken: settings.tokenSeconds, AuthorizationCode: 60, IdToken: 600, RefreshToken: 3600, Grant: 3600,
         Interaction: 600, Session: 600 },
  cookies: { keys: ["interop"] },
});
provider.use(async (ctx, next) => {
  await next();
  if (ctx.path !== "/token" && ctx.path !== "/token/revocation") return;
  const form = ctx.oidc?.body ?? {};
  if (ctx.body?.access_token) ctx.body.patient = settings.patient;
  said.push({ path: ctx.path, grant: form.grant_type, status: ctx.status, error: ctx.body?.error,
              detail: ctx.body?.error_description, scope: ctx.body?.scope, basic: !!ctx.get("authorization"),
              assertion: !!form.client_assertion, secretInBody: !!form.client_secret, rotated: !!ctx.body?.refresh_token,
              refresh: form.refresh_token });
});
provider.use(async (ctx, next) => {
  await next();
  if (!loses || ctx.oidc?.body?.grant_type !== "refresh_token") return;
  loses = false;
  ctx.respond = false;
  ctx.req.socket.destroy();
});
provider.on("grant.revoked", () => said.push({ path: "grant revoked" }));

async function interact(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: settings.patient, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  grant.addOIDCClaims(["fhirUser"]);
  said.push({ path: "interaction", prompt: params.prompt, scope: params.scope });
  await provider.interactionFinished(request, response, {
    login: { accountId: settings.patient }, consent: { grantId: await grant.save() } });
}

function tell(response, status, body, type = "application/json") {
  response.writeHead(status, { "Content-Type": type });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

async function pass(request, response) {
  const path = request.url.slice("/fhir".length);
  if (path !== "/metadata" && !path.startsWith("/metadata?")) {
    const [kind, value] = (request.headers.authorization ?? "").split(" ");
    if (kind !== "Bearer" || !(await provider.AccessToken.find(value))) {
      said.push({ path: "refused" });
      response.setHeader("WWW-Authenticate", 'Bearer error="invalid_token"');
      return tell(response, 401, { resourceType: "OperationOutcome", issue: [{ severity: "error", code: "login" }] });
    }
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = { Accept: request.headers.accept ?? "application/fhir+json" };
  if (request.headers["content-type"]) headers["Content-Type"] = request.headers["content-type"];
  const answer = await fetch(settings.target + path, { method: request.method, headers, redirect: "manual",
                                                       body: chunks.length ? Buffer.concat(chunks) : undefined });
  const type = answer.headers.get("content-type") ?? "application/fhir+json";
  if (!/json|text|xml/.test(type)) {
    response.writeHead(answer.status, { "Content-Type": type });
    return response.end(Buffer.from(await answer.arrayBuffer()));
  }
  tell(response, answer.status, (await answer.text()).replaceAll(settings.target, base), type);
}

const configuration = {
  issuer: origin, jwks_uri: `${origin}/jwks`, authorization_endpoint: `${origin}/auth`, token_endpoint: `${origin}/token`,
  revocation_endpoint: `${origin}/token/revocation`, grant_types_supported: ["authorization_code"],
  code_challenge_methods_supported: ["S256"], response_types_supported: ["code"],
  token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "private_key_jwt"],
  scopes_supported: ["openid", "fhirUser", "launch/patient", "patient/*.rs", "offline_access"],
  capabilities: ["launch-standalone", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric",
                 "sso-openid-connect", "context-standalone-patient", "permission-offline", "permission-patient",
                 "permission-v2"],
};

const oidc = provider.callback();
createServer((request, response) => {
  const path = request.url.split("?")[0];
  const done = path === "/fhir/.well-known/smart-configuration" ? tell(response, 200, configuration)
    : path === "/said" ? tell(response, 200, said)
    : path === "/lose" ? ((loses = true), tell(response, 200, {}))
    : path.startsWith("/interaction/") ? interact(request, response)
    : path.startsWith("/fhir/") ? pass(request, response)
    : oidc(request, response);
  Promise.resolve(done).catch((error) => tell(response, 500, { error: String(error) }));
}).listen(settings.port, "127.0.0.1", () => console.log("ready"));
