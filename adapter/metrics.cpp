#include "adapter/metrics.h"

namespace consultd {
namespace {

std::string head(std::string_view name, std::string_view type, std::string_view help) {
    std::string text = "# HELP ";
    text.append(name).append(" ").append(help).append("\n# TYPE ");
    return text.append(name).append(" ").append(type).append("\n");
}

std::string labelled(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        text += c;
    }
    return text;
}

std::string labels(const Metrics::PeerNumbers& peer) {
    return "{side=\"" + labelled(peer.side) + "\",name=\"" + labelled(peer.name) + "\"} ";
}

}  // namespace

std::string metrics_text(const Metrics& metrics) {
    std::string text = head("consultd_transfers", "gauge", "Transfers by state.");
    for (int i = 0; i <= static_cast<int>(TransferState::Failed); ++i) {
        const auto state = static_cast<TransferState>(i);
        const auto found = metrics.transfers.find(state);
        const std::uint64_t count = found == metrics.transfers.end() ? 0 : found->second;
        text.append("consultd_transfers{state=\"").append(name_of(state)).append("\"} ");
        text += std::to_string(count) + "\n";
    }
    text += head("consultd_audit_entries", "gauge", "Entries of the audit log.");
    text += "consultd_audit_entries " + std::to_string(metrics.audit_entries) + "\n";
    text += head("consultd_peer_failures", "gauge",
                 "How often in a row an institution could not be reached, or let us not in.");
    for (const Metrics::PeerNumbers& peer : metrics.peers)
        text += "consultd_peer_failures" + labels(peer) + std::to_string(peer.failures) + "\n";
    text += head("consultd_peer_answered_seconds", "gauge",
                 "How long ago an institution last answered; nothing of one that was not asked.");
    for (const Metrics::PeerNumbers& peer : metrics.peers)
        if (peer.since_answer)
            text += "consultd_peer_answered_seconds" + labels(peer) +
                    std::to_string(peer.since_answer->count() / 1000) + "\n";
    return text;
}

}  // namespace consultd
