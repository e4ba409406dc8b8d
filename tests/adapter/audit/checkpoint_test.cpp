#include "adapter/audit/checkpoint.h"

#include <gtest/gtest.h>

namespace consultd::audit {
namespace {

class CheckpointTest : public ::testing::Test {
protected:
    static constexpr const char* origin = "consult.example.org/audit";
    std::string signed_note() const { return sign_checkpoint(checkpoint_, key_); }
    // A line that looks like the signature of some witness.
    static std::string foreign_line(const std::string& name) {
        return "\xe2\x80\x94 " + name + " " + crypto::base64(std::string(68, 'w')) + "\n";
    }
    static void expect_corrupt(const Result<Checkpoint>& result) {
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().kind(), ErrorKind::Corrupt);
    }
    crypto::Key key_ = *crypto::Key::generate(crypto::Key::Type::Ed25519);
    Checkpoint checkpoint_{origin, 70'000, leaf_hash("root")};
};

TEST_F(CheckpointTest, IsWrittenAsC2spHasIt) {
    EXPECT_TRUE(signed_note().starts_with("consult.example.org/audit\n70000\n" +
                                          crypto::base64(leaf_hash("root")) +
                                          "\n\n\xe2\x80\x94 consult.example.org/audit "));
    EXPECT_TRUE(signed_note().ends_with("=\n"));
}

TEST_F(CheckpointTest, ReadsWhatItSigned) {
    const auto opened = open_checkpoint(signed_note(), origin, key_);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->origin, origin);
    EXPECT_EQ(opened->size, 70'000U);
    EXPECT_EQ(opened->root, leaf_hash("root"));
}

TEST_F(CheckpointTest, NoByteCanBeChanged) {
    const std::string note = signed_note();
    for (std::size_t i = 0; i < note.size(); ++i)
        for (int value = 0; value < 256; ++value) {
            std::string changed = note;
            changed[i] = static_cast<char>(value);
            if (changed == note) continue;
            ASSERT_FALSE(open_checkpoint(changed, "", key_).ok()) << "byte " << i << " = " << value;
        }
}

TEST_F(CheckpointTest, NoPrefixAndNoSuffixPasses) {
    const std::string note = signed_note();
    for (std::size_t length = 0; length < note.size(); ++length)
        expect_corrupt(open_checkpoint(note.substr(0, length), origin, key_));
    expect_corrupt(open_checkpoint(note + "\n", origin, key_));
    expect_corrupt(open_checkpoint(note + "x\n", origin, key_));
    expect_corrupt(open_checkpoint(note + note, origin, key_));
}

TEST_F(CheckpointTest, AnotherKeyOrOriginIsRefused) {
    const auto other = crypto::Key::generate(crypto::Key::Type::Ed25519);
    expect_corrupt(open_checkpoint(signed_note(), origin, *other));
    expect_corrupt(open_checkpoint(signed_note(), "consult.example.org/other", key_));
    EXPECT_TRUE(open_checkpoint(signed_note(), "", key_).ok());
}

TEST_F(CheckpointTest, SignaturesOfWitnessesAreSkipped) {
    const std::string note = signed_note();
    const std::size_t start = note.find("\n\n") + 2;
    std::string witnessed = note.substr(0, start);
    for (int i = 0; i < 20; ++i) witnessed += foreign_line("witness.example/" + std::to_string(i));
    EXPECT_TRUE(open_checkpoint(witnessed + note.substr(start), origin, key_).ok());
    // Without ours among them nothing is proven.
    expect_corrupt(open_checkpoint(witnessed, origin, key_));
}

// One good signature does not make up for a bad one under the same key.
TEST_F(CheckpointTest, AFalseSignatureOfOurKeyIsNotOutweighed) {
    const std::string note = signed_note();
    Checkpoint other = checkpoint_;
    other.size = 9;
    const std::string false_note = sign_checkpoint(other, key_);
    const std::string false_line = false_note.substr(false_note.find("\n\n") + 2);
    expect_corrupt(open_checkpoint(note + false_line, origin, key_));
}

TEST_F(CheckpointTest, SizesAreWrittenInOneWay) {
    for (const std::string size :
         {"007", "+7", "-7", " 7", "7 ", "", "18446744073709551616", "0x7"}) {
        const std::string body =
            std::string(origin) + "\n" + size + "\n" + crypto::base64(checkpoint_.root) + "\n";
        const std::string id =
            *crypto::from_hex(verifier_key(origin, key_).substr(std::string(origin).size() + 1, 8));
        const std::string note =
            body + "\n\xe2\x80\x94 " + origin + " " + crypto::base64(id + key_.sign(body)) + "\n";
        expect_corrupt(open_checkpoint(note, origin, key_));
    }
}

// A key and its id from the tests of golang.org/x/mod/sumdb/note.
TEST_F(CheckpointTest, VerifierKeysAreThoseOfTheSignedNoteTools) {
    const std::string text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const auto verifier = parse_verifier(text + "\n");
    ASSERT_TRUE(verifier.ok());
    EXPECT_EQ(verifier->origin, "PeterNeumann");
    EXPECT_EQ(verifier_key("PeterNeumann", verifier->key), text);
    EXPECT_TRUE(verifier->key.verify(
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n",
        crypto::from_base64("x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
                            "qdngotpRZb6KE6RyyBwJnAM=")
            ->substr(4)));
}

TEST_F(CheckpointTest, VerifierIsAlsoReadFromPem) {
    const auto verifier = parse_verifier(key_.public_pem());
    ASSERT_TRUE(verifier.ok());
    EXPECT_EQ(verifier->origin, "");
    EXPECT_EQ(verifier->key.ed25519_public(), key_.ed25519_public());
}

TEST_F(CheckpointTest, BrokenVerifiersAreRefused) {
    const std::string good = verifier_key(origin, key_);
    for (std::size_t length = 0; length < good.size(); ++length)
        EXPECT_FALSE(parse_verifier(good.substr(0, length)).ok()) << length;
    std::string other_id = good;
    char& digit = other_id[std::string(origin).size() + 1];
    digit = digit == '0' ? '1' : '0';
    EXPECT_FALSE(parse_verifier(other_id).ok());
    EXPECT_FALSE(parse_verifier("two words" + good.substr(std::string(origin).size())).ok());
}

}  // namespace
}  // namespace consultd::audit
