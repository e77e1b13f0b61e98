import java.io.IOException;
import java.math.BigInteger;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A sign-in against {@code asteroid dev}, with the class library of Java 17 alone:
 *
 * <pre>java SignIn.java</pre>
 *
 * ASTEROID is the command that starts the program ({@code asteroid} when unset). With CONTROL_FILE
 * nothing is started: it is the --control-file of an {@code asteroid dev} that runs already.
 */
public final class SignIn {
  private static final String REDIRECT_URI = "https://app.example/callback";
  private static final String SECRET = "what-only-the-client-knows-0123456789";

  private final HttpClient browser =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .cookieHandler(new CookieManager())
          // Every step of a sign-in is looked at.
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final String url;
  private final String token;
  private String here;
  private String issuer;
  private String metadata;

  private SignIn(Path controlFile) throws IOException {
    String access = Files.readString(controlFile);
    url = member(access, "url");
    token = member(access, "token");
  }

  public static void main(String[] args) throws Exception {
    String running = System.getenv("CONTROL_FILE");
    if (running != null && !running.isEmpty()) {
      new SignIn(Path.of(running)).run();
      return;
    }
    Path folder = Files.createTempDirectory("asteroid");
    Path file = folder.resolve("control.json");
    Process asteroid = start(file);
    try {
      new SignIn(file).run();
    } finally {
      asteroid.destroy();
      asteroid.waitFor();
      Files.deleteIfExists(folder);
    }
  }

  /** On free ports; the file is there when it can be asked. */
  private static Process start(Path file) throws IOException, InterruptedException {
    String named = System.getenv("ASTEROID");
    List<String> command =
        new ArrayList<>(List.of((named == null ? "asteroid" : named).trim().split("\\s+")));
    command.addAll(List.of("dev", "--port", "0", "--admin-port", "0"));
    command.addAll(List.of("--control-file", file.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!Files.exists(file)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroy();
        throw new IllegalStateException("asteroid dev did not start");
      }
      Thread.sleep(50);
    }
    return process;
  }

  private void run() throws Exception {
    // Of this test alone: its clock, keys and faults are nobody else's.
    String opened = control("POST", "/issuers", "{\"clients\":[],\"users\":[]}");
    here = "/issuers/" + member(opened, "id");
    issuer = member(opened, "issuer");
    try {
      String client = "{\"client_secret\":\"%s\",\"redirect_uris\":[\"%s\"]}";
      control("PUT", here + "/clients/web", client.formatted(SECRET, REDIRECT_URI));
      control("PUT", here + "/users/ada", "{\"name\":\"Ada\"}");
      control("PUT", here + "/sign-in", "{\"user\":\"ada\"}");
      String base = issuer.replaceAll("/$", "");
      metadata = get(base + "/.well-known/openid-configuration").body();
      theIdTokenSaysWhoSignedIn();
      anIdTokenOfAnotherRequestCanBeTold();
      aTokenIsRefusedWhenItsTimeIsOver();
    } finally {
      control("DELETE", here, null);
    }
    System.out.println("all is well");
  }

  private void theIdTokenSaysWhoSignedIn() throws Exception {
    String nonce = chance();
    String claims = verify(member(signIn(nonce), "id_token"));
    expect("iss", member(claims, "iss"), issuer);
    expect("aud", member(claims, "aud"), "web");
    expect("sub", member(claims, "sub"), "ada");
    expect("nonce", member(claims, "nonce"), nonce);
    // What no issuer but one for tests puts into a token.
    expect("asteroid_dev", member(claims, "asteroid_dev"), "true");
    long now = Long.parseLong(member(control("GET", here + "/clock", null), "now"));
    check("iat is over", Long.parseLong(member(claims, "iat")) <= now);
    check("exp is to come", Long.parseLong(member(claims, "exp")) > now);
  }

  private void aTokenIsRefusedWhenItsTimeIsOver() throws Exception {
    String accessToken = member(signIn(chance()), "access_token");
    expect("userinfo", String.valueOf(userinfo(accessToken)), "200");
    control("POST", here + "/clock/advance", "{\"by\":\"2h\"}");
    expect("userinfo, two hours later", String.valueOf(userinfo(accessToken)), "401");
  }

  private void anIdTokenOfAnotherRequestCanBeTold() throws Exception {
    control("POST", here + "/faults", "{\"do\":\"id_token.nonce.wrong\",\"times\":1}");
    String nonce = chance();
    String found = member(verify(member(signIn(nonce), "id_token")), "nonce");
    check("the nonce, by a fault, is another one", !found.equals(nonce));
    // It happened as often as it was to, and everything is well again.
    nonce = chance();
    found = member(verify(member(signIn(nonce), "id_token")), "nonce");
    expect("the nonce, afterwards", found, nonce);
  }

  /** What the application and the browser do; returns the token response. */
  private String signIn(String nonce) throws Exception {
    String verifier = chance();
    String state = chance();
    Map<String, String> query = new LinkedHashMap<>();
    query.put("client_id", "web");
    query.put("redirect_uri", REDIRECT_URI);
    query.put("response_type", "code");
    query.put("scope", "openid email");
    query.put("state", state);
    query.put("nonce", nonce);
    query.put("code_challenge", base64url(sha256(verifier)));
    query.put("code_challenge_method", "S256");
    Map<String, String> answer = follow(endpoint("authorization") + "?" + form(query));
    check("a code is answered: " + answer.keySet(), answer.containsKey("code"));
    check("the answer is to this request", state.equals(answer.get("state")));
    check("the answer is of this issuer", issuer.equals(answer.get("iss")));
    Map<String, String> grant = new LinkedHashMap<>();
    grant.put("grant_type", "authorization_code");
    grant.put("code", answer.get("code"));
    grant.put("redirect_uri", REDIRECT_URI);
    grant.put("code_verifier", verifier);
    String basic = Base64.getEncoder().encodeToString(("web:" + SECRET).getBytes());
    HttpRequest request =
        ask(endpoint("token"))
            .header("Authorization", "Basic " + basic)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form(grant)))
            .build();
    return succeed(send(request)).body();
  }

  /** From redirect to redirect until one leads to the application. */
  private Map<String, String> follow(String target) throws Exception {
    URI at = URI.create(target);
    for (int hops = 0; hops < 5; hops++) {
      HttpResponse<String> response = send(ask(at.toString()).build());
      int status = response.statusCode();
      URI asked = at;
      at =
          response
              .headers()
              .firstValue("Location")
              .map(location -> asked.resolve(location))
              .orElseThrow(() -> new AssertionError(status + ": is there a page that asks?"));
      if (at.toString().startsWith(REDIRECT_URI)) return parameters(at.getRawQuery());
    }
    throw new AssertionError("sent in circles");
  }

  /** Checks the signature with the published keys, and returns what stands in the token. */
  private String verify(String jwt) throws Exception {
    String[] parts = jwt.split("\\.");
    String header = decode(parts[0]);
    expect("alg", member(header, "alg"), "ES256");
    String kid = member(header, "kid");
    check("the key is marked as one for development", kid.startsWith("dev-"));
    // As JWTs have it: both numbers, one after the other (RFC 7518 §3.4).
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initVerify(key(kid));
    signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
    check("the signature is that of the key", signature.verify(bytes(parts[2])));
    return decode(parts[1]);
  }

  private PublicKey key(String kid) throws Exception {
    String jwks = get(member(metadata, "jwks_uri")).body();
    Matcher keys = Pattern.compile("\\{[^{}]*\\}").matcher(jwks);
    while (keys.find()) {
      String jwk = keys.group();
      if (!jwk.contains("\"" + kid + "\"")) continue;
      AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
      curve.init(new ECGenParameterSpec("secp256r1"));
      ECPoint point = new ECPoint(number(member(jwk, "x")), number(member(jwk, "y")));
      ECParameterSpec terms = curve.getParameterSpec(ECParameterSpec.class);
      return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, terms));
    }
    throw new AssertionError("no key " + kid + " is published");
  }

  private int userinfo(String accessToken) throws Exception {
    String bearer = "Bearer " + accessToken;
    return send(ask(endpoint("userinfo")).header("Authorization", bearer).build()).statusCode();
  }

  private String endpoint(String name) {
    return member(metadata, name + "_endpoint");
  }

  /** One thing of the control API. A body is JSON, or null for none. */
  private String control(String method, String path, String json) throws Exception {
    HttpRequest.Builder request = ask(url + path).header("Authorization", "Bearer " + token);
    if (json == null) request.method(method, BodyPublishers.noBody());
    else {
      request.header("Content-Type", "application/json");
      request.method(method, BodyPublishers.ofString(json));
    }
    return succeed(send(request.build())).body();
  }

  private HttpResponse<String> get(String target) throws Exception {
    return succeed(send(ask(target).build()));
  }

  private static HttpRequest.Builder ask(String target) {
    return HttpRequest.newBuilder(URI.create(target)).timeout(Duration.ofSeconds(10));
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return browser.send(request, BodyHandlers.ofString());
  }

  private static HttpResponse<String> succeed(HttpResponse<String> response) {
    String what = response.request().method() + " " + response.request().uri();
    check(what + ": " + response.body(), response.statusCode() < 300);
    return response;
  }

  /**
   * The value of a member of JSON whose members have different names and no escapes, which is enough
   * here; an application has a library for JSON.
   */
  private static String member(String json, String name) {
    Matcher found =
        Pattern.compile("\"" + name + "\"\\s*:\\s*\"?([^\",}\\]]*)").matcher(json);
    check("there is a " + name, found.find());
    return found.group(1);
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String pair : query.split("&")) {
      String[] sides = pair.split("=", 2);
      found.put(sides[0], URLDecoder.decode(sides[1], StandardCharsets.UTF_8));
    }
    return found;
  }

  private static String form(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(
            field ->
                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static String chance() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return base64url(bytes);
  }

  private static byte[] sha256(String text) throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String base64url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] bytes(String base64url) {
    return Base64.getUrlDecoder().decode(base64url);
  }

  private static String decode(String base64url) {
    return new String(bytes(base64url), StandardCharsets.UTF_8);
  }

  private static BigInteger number(String base64url) {
    return new BigInteger(1, bytes(base64url));
  }

  private static void expect(String what, String found, String wanted) {
    check(what + " is " + found + ", wanted " + wanted, wanted.equals(found));
  }

  private static void check(String what, boolean holds) {
    if (!holds) throw new AssertionError("not as it should be: " + what);
  }
}
