package signin

import (
	"bytes"
	"encoding/json"
	"errors"
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

// asteroid is the one of all tests, each of which has an issuer of its own there.
var asteroid control

func TestMain(m *testing.M) {
	os.Exit(runAll(m))
}

func runAll(m *testing.M) int {
	file, stop, err := startAsteroid()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer stop()
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &asteroid)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// startAsteroid starts the program and returns its control file, or takes the one that CONTROL_FILE
// names. ASTEROID is the command that starts it, `asteroid` when unset.
func startAsteroid() (file string, stop func(), err error) {
	if file := os.Getenv("CONTROL_FILE"); file != "" {
		return file, func() {}, nil
	}
	folder, err := os.MkdirTemp("", "asteroid")
	if err != nil {
		return "", nil, err
	}
	file = filepath.Join(folder, "control.json")
	command := strings.Fields(os.Getenv("ASTEROID"))
	if len(command) == 0 {
		command = []string{"asteroid"}
	}
	command = append(command, "dev", "--port", "0", "--admin-port", "0", "--control-file", file)
	process := exec.Command(command[0], command[1:]...)
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		return "", nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = process.Wait()
		close(ended)
	}()
	stop = func() {
		_ = process.Process.Signal(os.Interrupt)
		<-ended
		_ = os.RemoveAll(folder)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			return file, stop, nil
		}
		select {
		case <-ended:
			return "", nil, errors.New("asteroid dev did not start")
		default:
		}
		if time.Now().After(deadline) {
			stop()
			return "", nil, errors.New("asteroid dev did not start in time")
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
