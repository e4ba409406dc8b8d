#include "adapter/audit/receipt.h"

#include "adapter/audit/receipt_code.h"
#include "disclosures.h"
#include "log_fixture.h"

namespace consultd::audit {
namespace {

class ReceiptTest : public LogTest {
protected:
    void SetUp() override {
        LogTest::SetUp();
        log_ = open_log();
        disclosure_.bundle_hash = crypto::hex(crypto::sha256(bundle_));
    }
    // Intent and outcome into the log, after `before` other entries and before `after` more.
    std::string disclose(std::uint64_t before = 0, std::uint64_t after = 0) {
        grow_to(*log_, before);
        const auto intent = log_->append(disclosure_intent(disclosure_).print());
        const auto outcome = log_->append(disclosure_outcome(disclosure_, disclosure_.id, *intent,
                                                             DisclosureOutcome::Sent, "Task/77")
                                              .print());
        grow_to(*log_, log_->size() + after);
        return make_receipt(*log_, *outcome, disclosure_.transfer_id)->print();
    }
    Verifier verifier() const { return *parse_verifier(verifier_key(origin, key_)); }

    const std::string bundle_ = R"({"resourceType":"Bundle","type":"document"})";
    Disclosure disclosure_ = a_disclosure();
    std::unique_ptr<AuditLog> log_;
};

TEST_F(ReceiptTest, ProvesWhatWasSentToWhomAndWhenWithItselfAndTheKeyAlone) {
    const std::string receipt = disclose(260, 300);
    log_.reset();
    std::filesystem::remove_all(folder_);
    const auto facts = verify_receipt(receipt, verifier(), bundle_);
    ASSERT_TRUE(facts.ok()) << facts.error().message();
    EXPECT_EQ(facts->transfer_id, disclosure_.transfer_id);
    EXPECT_EQ(facts->destination_name, "Cancer Center");
    EXPECT_EQ(facts->recorded, "2026-11-18T12:26:40.000Z");
    EXPECT_EQ(facts->bundle_identifier, disclosure_.bundle_identifier);
    EXPECT_EQ(facts->bundle_hash, disclosure_.bundle_hash);
    EXPECT_EQ(facts->outcome, "sent");
    EXPECT_EQ(facts->index, 261U);
    EXPECT_EQ(facts->size, 562U);
}

// Printed and typed in again, or read by a telephone, it proves what the file does.
TEST_F(ReceiptTest, AsTheTextOfACodeItProvesTheSame) {
    const std::string receipt = disclose(260, 300);
    const std::string code = receipt_code(receipt).value();
    EXPECT_LT(code.size(), 2900U);  // 4,296 letters are the most that a QR code holds
    EXPECT_EQ(receipt_of_text(receipt).value(), receipt);
    const std::string read = receipt_of_text(code + "\n").value();
    const auto facts = verify_receipt(read, verifier(), bundle_);
    ASSERT_TRUE(facts.ok()) << facts.error().message();
    EXPECT_EQ(facts->transfer_id, disclosure_.transfer_id);
    for (std::size_t at = 10; at < code.size(); at += 97) {
        std::string damaged = code;
        damaged[at] = damaged[at] == '0' ? '1' : '0';
        const auto text = receipt_of_text(damaged);
        EXPECT_FALSE(text.ok() && verify_receipt(*text, verifier(), bundle_).ok()) << at;
    }
    EXPECT_FALSE(receipt_of_text("CONSULTD1:").ok());
    EXPECT_FALSE(receipt_of_text(code.substr(0, code.size() / 2)).ok());
}

// 42 CFR 2.32: what was said to the receiver, and of how much, is proven as well.
TEST_F(ReceiptTest, ProvesTheNoticeThatWentWithWhatIsUnderPart2) {
    disclosure_.part2_notice = "These records are protected.";
    disclosure_.under_part2 = 7;
    const std::string receipt = disclose();
    const auto facts = verify_receipt(receipt, verifier(), bundle_);
    ASSERT_TRUE(facts.ok());
    EXPECT_EQ(facts->notice, "These records are protected.");
    EXPECT_EQ(facts->notice_covers, 7U);
    for (const char* const label : {"42CFRPart2", "NORDSCLCD"})
        EXPECT_NE(receipt.find(label), std::string::npos);
    disclosure_.part2_notice.clear();
    EXPECT_EQ(disclose().find("42CFRPart2"), std::string::npos);
}

TEST_F(ReceiptTest, IsVerifiedByAPemKeyToo) {
    EXPECT_TRUE(verify_receipt(disclose(), *parse_verifier(key_.public_pem()), {}).ok());
}

// Twelve types of resources, in a log of 100,000 entries.
TEST_F(ReceiptTest, StaysUnderFourKilobytes) {
    disclosure_.resource_counts.clear();
    for (const char* const type :
         {"AllergyIntolerance", "Binary", "Condition", "DiagnosticReport", "DocumentReference",
          "Encounter", "Immunization", "MedicationRequest", "Observation", "Organization",
          "Practitioner", "Procedure"})
        disclosure_.resource_counts[type] = 1234;
    disclosure_.patient_pseudonym = std::string(64, 'a');
    const std::string receipt = disclose();
    constexpr std::size_t further_proof = 16 * 47;
    EXPECT_LT(receipt.size() + further_proof, 4096U);
}

TEST_F(ReceiptTest, NoByteOfItCanBeChanged) {
    const std::string receipt = disclose(3, 4);
    ASSERT_TRUE(verify_receipt(receipt, verifier(), {}).ok());
    for (std::size_t i = 0; i < receipt.size(); ++i)
        for (const int mask : {0x01, 0x02, 0x20, 0x80, 0x05}) {
            std::string changed = receipt;
            changed[i] = static_cast<char>(changed[i] ^ mask);
            EXPECT_FALSE(verify_receipt(changed, verifier(), {}).ok()) << i << " " << mask;
        }
}

TEST_F(ReceiptTest, IsNothingUnderAnotherKeyOrOrigin) {
    const std::string receipt = disclose();
    const auto other = crypto::Key::generate(crypto::Key::Type::Ed25519);
    EXPECT_EQ(verify_receipt(receipt, {origin, *other}, {}).error().kind(), ErrorKind::Corrupt);
    EXPECT_EQ(verify_receipt(receipt, {"another.example", key_}, {}).error().kind(),
              ErrorKind::Corrupt);
}

TEST_F(ReceiptTest, IsNoReceiptForAnotherBundle) {
    const std::string receipt = disclose();
    EXPECT_TRUE(verify_receipt(receipt, verifier(), bundle_).ok());
    EXPECT_EQ(verify_receipt(receipt, verifier(), bundle_ + " ").error().kind(),
              ErrorKind::Corrupt);
    const std::string empty_file;
    EXPECT_EQ(verify_receipt(receipt, verifier(), empty_file).error().kind(), ErrorKind::Corrupt);
}

// A genuine entry that is no outcome must not pass for one.
TEST_F(ReceiptTest, AnIntentIsNoReceipt) {
    disclose();
    const auto forged = make_receipt(*log_, 0, disclosure_.transfer_id);
    EXPECT_EQ(verify_receipt(forged->print(), verifier(), {}).error().kind(), ErrorKind::Corrupt);
}

TEST_F(ReceiptTest, ATransfersReceiptIsNotAnothers) {
    disclose();
    const auto forged = make_receipt(*log_, 1, "another-transfer");
    EXPECT_EQ(verify_receipt(forged->print(), verifier(), {}).error().kind(), ErrorKind::Corrupt);
}

// One history for the patient and another for the auditor: no checkpoint is behind both receipts.
TEST_F(ReceiptTest, ReceiptsOfTwoForksCannotShareACheckpoint) {
    const auto one = fhir::Json::parse(disclose(2, 3));
    log_.reset();
    std::filesystem::remove_all(folder_);
    log_ = open_log();
    disclosure_.destination_name = "Somebody Else";
    const auto other = fhir::Json::parse(disclose(2, 3));
    for (const auto* receipt : {&*one, &*other})
        EXPECT_TRUE(verify_receipt(receipt->print(), verifier(), {}).ok());
    EXPECT_FALSE(
        verify_receipt(one->with("checkpoint", other->get("checkpoint")).print(), verifier(), {})
            .ok());
    EXPECT_FALSE(
        verify_receipt(other->with("checkpoint", one->get("checkpoint")).print(), verifier(), {})
            .ok());
}

TEST_F(ReceiptTest, WhatIsNoReceiptIsMalformed) {
    const auto receipt = fhir::Json::parse(disclose());
    for (const fhir::Json& broken :
         {receipt->without("proof"), receipt->with("index", fhir::Json(std::int64_t{-1})),
          receipt->with("leaf", fhir::Json(std::int64_t{7})), receipt->with("note", "paid in full"),
          receipt->with("proof", fhir::Json::array({fhir::Json("AA==")}))})
        EXPECT_EQ(verify_receipt(broken.print(), verifier(), {}).error().kind(),
                  ErrorKind::Malformed);
    EXPECT_EQ(verify_receipt("", verifier(), {}).error().kind(), ErrorKind::Malformed);
    EXPECT_EQ(verify_receipt("{", verifier(), {}).error().kind(), ErrorKind::Malformed);
}

}  // namespace
}  // namespace consultd::audit
