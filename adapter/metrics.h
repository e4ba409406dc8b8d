// Metrics: the daemon in numbers, as Prometheus reads them: labels are states, and names of the
// configuration; nothing of any patient.
// https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapter/transfer.h"

namespace consultd {

struct Metrics {
    struct PeerNumbers {
        std::string side, name;                    // "source", and what the configuration calls it
        std::uint32_t failures = 0;                // in a row
        std::optional<Milliseconds> since_answer;  // absent: not asked yet
    };
    std::map<TransferState, std::uint64_t> transfers;  // a state without any may be left out
    std::uint64_t audit_entries = 0;
    std::vector<PeerNumbers> peers;
};

// Version 0.0.4 of the text format; every state has a line.
std::string metrics_text(const Metrics& metrics);

}  // namespace consultd
