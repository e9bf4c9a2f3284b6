package builder_test

import (
	"os"
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
)

func TestMain(m *testing.M) {
	historytest.UseMemory()
	os.Exit(m.Run())
}
