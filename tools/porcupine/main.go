// Checks a history of bank transfers and reads for linearizability with Porcupine.
// go run . FILE: the first line holds the initial balances, every other one operation. Exit code 0: linearizable,
// 1: not, 2: can't tell (a broken file, or the time is over).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

const (
	maxAccounts = 16
	limit       = 10 * time.Minute
)

// balances is an array, so that states compare by ==.
type balances [maxAccounts]int64

type operation struct {
	Client   int     `json:"client"`
	Call     int64   `json:"call"`
	Return   int64   `json:"return"`
	Kind     string  `json:"kind"`
	From     int     `json:"from"`
	To       int     `json:"to"`
	Amount   int64   `json:"amount"`
	Fee      int64   `json:"fee"`
	Balances []int64 `json:"balances"`
}

func step(state, input, _ interface{}) (bool, interface{}) {
	now := state.(balances)
	op := input.(operation)
	if op.Kind == "read" {
		for i, balance := range op.Balances {
			if now[i] != balance {
				return false, now
			}
		}
		return true, now
	}
	if now[op.From] < op.Amount+op.Fee {
		return false, now
	}
	now[op.From] -= op.Amount + op.Fee
	now[op.To] += op.Amount
	return true, now
}

func read(path string) (balances, []porcupine.Operation, error) {
	var initial balances
	file, err := os.Open(path)
	if err != nil {
		return initial, nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 0, 65536), 1<<20)
	if !lines.Scan() {
		return initial, nil, fmt.Errorf("%s is empty", path)
	}
	var first []int64
	if err := json.Unmarshal(lines.Bytes(), &first); err != nil || len(first) > maxAccounts {
		return initial, nil, fmt.Errorf("the first line must hold up to %d balances", maxAccounts)
	}
	copy(initial[:], first)
	var history []porcupine.Operation
	for lines.Scan() {
		var op operation
		if err := json.Unmarshal(lines.Bytes(), &op); err != nil {
			return initial, nil, err
		}
		history = append(history, porcupine.Operation{ClientId: op.Client, Input: op, Call: op.Call, Return: op.Return})
	}
	return initial, history, lines.Err()
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run . FILE")
		os.Exit(2)
	}
	initial, history, err := read(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	model := porcupine.Model{Init: func() interface{} { return initial }, Step: step}
	result := porcupine.CheckOperationsTimeout(model, history, limit)
	fmt.Printf("%d operations: %s\n", len(history), result)
	switch result {
	case porcupine.Ok:
	case porcupine.Illegal:
		os.Exit(1)
	default:
		os.Exit(2)
	}
}
