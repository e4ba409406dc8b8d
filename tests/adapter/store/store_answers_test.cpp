// What every Store promises of a source's answers.
#include "store_suite.h"

namespace consultd {
namespace {

TEST_P(StoreTest, AnAnswerIsKeptUnderItsNameAndTheNewestStands) {
    create("a");
    create("b");
    const Lease lease = claim("a");
    EXPECT_FALSE(store_->answer("a", "one")->has_value());
    ASSERT_TRUE(store_->keep_answer(lease, "one", "first").ok());
    ASSERT_TRUE(store_->keep_answer(lease, "one", std::string("second\0", 7)).ok());
    ASSERT_TRUE(store_->keep_answer(lease, "two", "other").ok());
    reopen();
    EXPECT_EQ(*store_->answer("a", "one"), std::string("second\0", 7));
    EXPECT_EQ(*store_->answer("a", "two"), "other");
    EXPECT_FALSE(store_->answer("b", "one")->has_value());
}

TEST_P(StoreTest, WhoeverLostTheLeaseKeepsNoAnswer) {
    create("a");
    const Lease lease = claim("a");
    ASSERT_TRUE(store_->release(lease).ok());
    expect_conflict(store_->keep_answer(lease, "one", "bytes"));
    const Lease next = claim("a");
    expect_conflict(store_->keep_answer(lease, "one", "bytes"));
    EXPECT_TRUE(store_->keep_answer(next, "one", "bytes").ok());
}

TEST_P(StoreTest, AnswersGoWithTheRecordOrWhenTheyAreNeededNoLonger) {
    create("a");
    create("b");
    for (const char* id : {"a", "b"})
        ASSERT_TRUE(store_->keep_answer(claim(id), "one", "an-answer-of-the-source").ok());
    ASSERT_TRUE(store_->forget_answers("a").ok());
    EXPECT_FALSE(store_->answer("a", "one")->has_value());
    EXPECT_TRUE(store_->answer("b", "one")->has_value());
    clock_.advance(span * 2);
    const Lease lease = claim("b");
    ASSERT_TRUE(save(lease, TransferState::Failed).ok());
    ASSERT_TRUE(store_->release(lease).ok());
    clock_.advance(span);
    ASSERT_TRUE(store_->forget(clock_.now(), {Part::Request}).ok());
    EXPECT_FALSE(store_->answer("b", "one")->has_value());
    EXPECT_EQ(place_->bytes().find("an-answer-of-the-source"), std::string::npos);
}

TEST_P(StoreTest, AWithdrawalTakesTheAnswersAtOnce) {
    create("a");
    const Lease lease = claim("a");
    ASSERT_TRUE(store_->keep_answer(lease, "one", "bytes").ok());
    ASSERT_TRUE(store_->release(lease).ok());
    ASSERT_TRUE(store_->ask_withdrawal("a", clock_.now()).ok());
    EXPECT_EQ(state_of("a"), TransferState::Withdrawn);
    EXPECT_FALSE(store_->answer("a", "one")->has_value());
}

TEST_P(StoreTest, AnErrandOutlivesItsTransferUntilItIsDropped) {
    create("a");
    ASSERT_TRUE(store_->keep_errand({"a", "one", "first"}).ok());
    ASSERT_TRUE(store_->keep_errand({"a", "one", std::string("second\0/", 8)}).ok());
    ASSERT_TRUE(store_->keep_errand({"a", "two", "other"}).ok());
    ASSERT_TRUE(store_->ask_withdrawal("a", clock_.now()).ok());
    reopen();
    std::vector<Errand> errands = store_->errands().value();
    ASSERT_EQ(errands.size(), 2u);
    EXPECT_EQ(errands[0].transfer, "a");
    EXPECT_EQ(errands[0].name, "one");
    EXPECT_EQ(errands[0].sealed, std::string("second\0/", 8));
    ASSERT_TRUE(store_->drop_errand("a", "one").ok());
    ASSERT_TRUE(store_->drop_errand("a", "one").ok());
    errands = store_->errands().value();
    ASSERT_EQ(errands.size(), 1u);
    EXPECT_EQ(errands[0].name, "two");
}

}  // namespace
}  // namespace consultd
