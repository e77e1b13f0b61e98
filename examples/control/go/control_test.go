package signin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// control is the control API of an `asteroid dev`.
type control struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// startAsteroid starts a program that ends with the test, or takes the one that CONTROL_FILE names.
// ASTEROID is the command that starts it, `asteroid` when unset.
func startAsteroid(t *testing.T) control {
	t.Helper()
	file := os.Getenv("CONTROL_FILE")
	if file == "" {
		file = filepath.Join(t.TempDir(), "control.json")
		command := strings.Fields(os.Getenv("ASTEROID"))
		if len(command) == 0 {
			command = []string{"asteroid"}
		}
		command = append(command, "dev", "--port", "0", "--admin-port", "0", "--control-file", file)
		process := exec.Command(command[0], command[1:]...)
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- process.Wait() }()
		t.Cleanup(func() {
			_ = process.Process.Signal(os.Interrupt)
			<-ended
		})
		waitFor(t, file, ended)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var access control
	if err := json.Unmarshal(text, &access); err != nil {
		t.Fatal(err)
	}
	return access
}

func waitFor(t *testing.T, file string, ended chan error) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("asteroid dev did not start: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("asteroid dev did not start")
		}
	}
}

// call does one thing of the API. Body and answer may be nil.
func (c control) call(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	if err := c.try(method, path, body, answer); err != nil {
		t.Fatal(err)
	}
}

func (c control) try(method, path string, body, answer any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, c.URL+path, sent)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.Token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, path, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
