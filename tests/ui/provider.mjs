// A certified OpenID provider that nobody here wrote, with strict settings and
// its own pages for logging in and consenting. Prints its address; ends with
// its standard input.

import { createServer } from "node:http";
import Provider from "oidc-provider";

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "hotmart-connect",
        application_type: "native",
        token_endpoint_auth_method: "none",
        // Each server of one's own has its own.
        redirect_uris: [`app.hotmart-connect:/oauth/callback/127.0.0.1_${server.address().port}_token`],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
      // A machine's own: id and secret are enough.
      {
        client_id: "machine",
        client_secret: "machine-secret-3d1c",
        redirect_uris: [],
        grant_types: ["client_credentials"],
        response_types: [],
      },
    ],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    conformIdTokenClaims: false,
    claims: { openid: ["sub"], email: ["email"], profile: ["name"] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@exemplo.com`, name: "Ana Souza" }) }),
    cookies: { keys: ["for tests alone"] },
    ttl: { AccessToken: 3600, IdToken: 3600, RefreshToken: 86400, Grant: 86400, Interaction: 600, Session: 3600, AuthorizationCode: 60 },
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      introspection: { enabled: false },
      resourceIndicators: { enabled: false },
    },
  });
  for (const event of ["grant.success", "grant.error", "authorization.error", "grant.revoked"]) {
    provider.on(event, (context, error) => {
      const what = context?.oidc?.params?.grant_type ?? context?.oidc?.route ?? "";
      console.log(`${event} ${what} ${error?.error ?? ""} ${error?.error_detail ?? ""}`.trim());
    });
  }
  server.on("request", provider.callback());
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit());
