#include "adapter/metrics.h"

#include <gmock/gmock.h>

namespace consultd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// An alert on a state must not go silent because nothing is in it.
TEST(MetricsTest, EveryStateHasALine) {
    const std::string text =
        metrics_text({.transfers = {{TransferState::Held, 2}}, .audit_entries = 7});
    for (int i = 0; i <= static_cast<int>(TransferState::Failed); ++i) {
        const auto state = static_cast<TransferState>(i);
        EXPECT_THAT(text, HasSubstr("consultd_transfers{state=\"" + std::string(name_of(state)) +
                                    "\"} " + (state == TransferState::Held ? "2\n" : "0\n")));
    }
    EXPECT_THAT(text, HasSubstr("consultd_audit_entries 7\n"));
}

TEST(MetricsTest, PeerIsToldBySideAndNameAndWhenItLastAnswered) {
    const std::string text = metrics_text(
        {.peers = {
             {.side = "source", .name = "gen\"eral", .failures = 3},
             {.side = "destination", .name = "center", .since_answer = Milliseconds(61'500)}}});
    EXPECT_THAT(text,
                HasSubstr("consultd_peer_failures{side=\"source\",name=\"gen\\\"eral\"} 3\n"));
    EXPECT_THAT(text,
                HasSubstr("consultd_peer_failures{side=\"destination\",name=\"center\"} 0\n"));
    EXPECT_THAT(
        text,
        HasSubstr("consultd_peer_answered_seconds{side=\"destination\",name=\"center\"} 61\n"));
    EXPECT_THAT(text, Not(HasSubstr("consultd_peer_answered_seconds{side=\"source\"")));
}

}  // namespace
}  // namespace consultd
