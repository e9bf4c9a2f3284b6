package builder_test

import (
	"testing"

	"github.com/policysite/policysite/builder/history/historytest"
)

func TestMain(m *testing.M) {
	historytest.UseMemory()
	m.Run()
}
