// Package signin signs in against `asteroid dev`, with the standard library of Go alone:
//
//	go test -v ./...
package signin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

const (
	redirectURI  = "https://app.example/callback"
	clientSecret = "what-only-the-client-knows-0123456789"
)

type metadata struct {
	Issuer                string `json:"issuer"`
	AuthorizationEndpoint string `json:"authorization_endpoint"`
	TokenEndpoint         string `json:"token_endpoint"`
	UserinfoEndpoint      string `json:"userinfo_endpoint"`
	JWKSURI               string `json:"jwks_uri"`
}

type tokens struct {
	AccessToken string `json:"access_token"`
	IDToken     string `json:"id_token"`
}

type claims struct {
	Issuer      string `json:"iss"`
	Audience    string `json:"aud"`
	Subject     string `json:"sub"`
	Nonce       string `json:"nonce"`
	IssuedAt    int64  `json:"iat"`
	Expires     int64  `json:"exp"`
	AsteroidDev bool   `json:"asteroid_dev"`
}

// party is an application and the browser in front of it, at an issuer of this test alone.
type party struct {
	*testing.T
	control  control
	here     string
	metadata metadata
	browser  *http.Client
}

func open(t *testing.T) party {
	t.Helper()
	c := asteroid
	var opened struct{ ID, Issuer string }
	c.call(t, "POST", "/issuers", map[string]any{"clients": []any{}, "users": []any{}}, &opened)
	here := "/issuers/" + opened.ID
	t.Cleanup(func() {
		if err := c.try("DELETE", here, nil, nil); err != nil {
			t.Error(err)
		}
	})
	client := map[string]any{"client_secret": clientSecret, "redirect_uris": []string{redirectURI}}
	c.call(t, "PUT", here+"/clients/web", client, nil)
	c.call(t, "PUT", here+"/users/ada", map[string]any{"name": "Ada"}, nil)
	c.call(t, "PUT", here+"/sign-in", map[string]any{"user": "ada"}, nil)

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := party{T: t, control: c, here: here, browser: &http.Client{
		Jar: jar,
		// Every step of a sign-in is looked at.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	issuer := strings.TrimSuffix(opened.Issuer, "/")
	p.getJSON(issuer+"/.well-known/openid-configuration", &p.metadata)
	if p.metadata.Issuer != opened.Issuer {
		t.Fatalf("the issuer calls itself %q, not %q", p.metadata.Issuer, opened.Issuer)
	}
	return p
}

// signIn does what the application and the browser do, and returns the nonce that was sent.
func (p party) signIn() (tokens, string) {
	p.Helper()
	verifier, state, nonce := chance(), chance(), chance()
	challenge := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"client_id":             {"web"},
		"redirect_uri":          {redirectURI},
		"response_type":         {"code"},
		"scope":                 {"openid email"},
		"state":                 {state},
		"nonce":                 {nonce},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"code_challenge_method": {"S256"},
	}
	answer := p.follow(p.metadata.AuthorizationEndpoint + "?" + query.Encode())
	if answer.Get("state") != state || answer.Get("iss") != p.metadata.Issuer {
		p.Fatalf("an answer to another request, or of another issuer: %v", answer)
	}
	form := url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {answer.Get("code")},
		"redirect_uri":  {redirectURI},
		"code_verifier": {verifier},
	}
	request := p.request("POST", p.metadata.TokenEndpoint, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth("web", clientSecret)
	var got tokens
	p.doJSON(request, &got)
	return got, nonce
}

// follow goes from redirect to redirect until one leads to the application.
func (p party) follow(target string) url.Values {
	p.Helper()
	for hops := 0; hops < 5; hops++ {
		response, err := p.browser.Do(p.request("GET", target, nil))
		if err != nil {
			p.Fatal(err)
		}
		response.Body.Close()
		next, err := response.Location()
		if err != nil {
			p.Fatalf("%d at %s: is there a page that asks something?", response.StatusCode, target)
		}
		target = next.String()
		if strings.HasPrefix(target, redirectURI) {
			return next.Query()
		}
	}
	p.Fatal("sent in circles")
	return nil
}

// verify checks the signature with the published keys, and returns what stands in the token.
func (p party) verify(token string) claims {
	p.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		p.Fatalf("not a JWT: %q", token)
	}
	var header struct{ Alg, Kid string }
	p.decode(parts[0], &header)
	if header.Alg != "ES256" {
		p.Fatalf("signed with %s, not ES256", header.Alg)
	}
	if !strings.HasPrefix(header.Kid, "dev-") {
		p.Errorf("the key %s is not marked as one for development", header.Kid)
	}
	key := p.key(header.Kid)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		p.Fatalf("not a signature of ES256: %q", parts[2])
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(key, digest[:], r, s) {
		p.Fatal("the signature is not that of the key")
	}
	var said claims
	p.decode(parts[1], &said)
	return said
}

// key is the one of this name among those of the issuer.
func (p party) key(kid string) *ecdsa.PublicKey {
	p.Helper()
	var set struct {
		Keys []struct{ Kid, Kty, Crv, X, Y string }
	}
	p.getJSON(p.metadata.JWKSURI, &set)
	for _, jwk := range set.Keys {
		if jwk.Kid == kid && jwk.Kty == "EC" && jwk.Crv == "P-256" {
			return &ecdsa.PublicKey{Curve: elliptic.P256(), X: p.number(jwk.X), Y: p.number(jwk.Y)}
		}
	}
	p.Fatalf("no key %s is published", kid)
	return nil
}

func (p party) number(text string) *big.Int {
	p.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		p.Fatal(err)
	}
	return new(big.Int).SetBytes(raw)
}

func (p party) decode(part string, into any) {
	p.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		p.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		p.Fatal(err)
	}
}

func (p party) userinfo(accessToken string) int {
	p.Helper()
	request := p.request("GET", p.metadata.UserinfoEndpoint, nil)
	request.Header.Set("Authorization", "Bearer "+accessToken)
	response, err := p.browser.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func (p party) request(method, target string, body io.Reader) *http.Request {
	p.Helper()
	request, err := http.NewRequest(method, target, body)
	if err != nil {
		p.Fatal(err)
	}
	return request
}

func (p party) getJSON(target string, into any) {
	p.Helper()
	p.doJSON(p.request("GET", target, nil), into)
}

func (p party) doJSON(request *http.Request, into any) {
	p.Helper()
	response, err := p.browser.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		p.Fatalf("%s answered %d: %s", request.URL, response.StatusCode, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		p.Fatal(err)
	}
}

func chance() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

func TestTheIDTokenSaysWhoSignedIn(t *testing.T) {
	p := open(t)
	got, nonce := p.signIn()
	said := p.verify(got.IDToken)
	var clock struct{ Now int64 }
	p.control.call(t, "GET", p.here+"/clock", nil, &clock)

	if said.Issuer != p.metadata.Issuer || said.Audience != "web" || said.Subject != "ada" {
		t.Errorf("for somebody else: %+v", said)
	}
	if said.Nonce != nonce {
		t.Error("for another browser")
	}
	if said.IssuedAt > clock.Now || said.Expires <= clock.Now {
		t.Errorf("not valid at %d: %+v", clock.Now, said)
	}
	// What no issuer but one for tests puts into a token.
	if !said.AsteroidDev {
		t.Error("not marked as one for development")
	}
}

func TestATokenIsRefusedWhenItsTimeIsOver(t *testing.T) {
	p := open(t)
	got, _ := p.signIn()
	if status := p.userinfo(got.AccessToken); status != http.StatusOK {
		t.Fatalf("userinfo answered %d", status)
	}
	p.control.call(t, "POST", p.here+"/clock/advance", map[string]any{"by": "2h"}, nil)
	if status := p.userinfo(got.AccessToken); status != http.StatusUnauthorized {
		t.Errorf("two hours later userinfo answered %d", status)
	}
}

func TestAnIDTokenOfAnotherRequestCanBeTold(t *testing.T) {
	p := open(t)
	fault := map[string]any{"do": "id_token.nonce.wrong", "times": 1}
	p.control.call(t, "POST", p.here+"/faults", fault, nil)
	got, nonce := p.signIn()
	if p.verify(got.IDToken).Nonce == nonce {
		t.Error("the fault did not happen")
	}
	// It happened as often as it was to, and everything is well again.
	got, nonce = p.signIn()
	if p.verify(got.IDToken).Nonce != nonce {
		t.Error("the fault happened again")
	}
}
