#include "fhir/base/crypto.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace consultd::crypto {
namespace {

using testing::SeededRandom;

std::string bytes_of(std::string_view digits) { return *from_hex(digits); }

// Gives the bytes that a published vector names.
class FixedRandom final : public Random {
public:
    explicit FixedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
    std::string bytes(std::size_t count) override {
        EXPECT_EQ(count, bytes_.size());
        return bytes_;
    }

private:
    std::string bytes_;
};

TEST(DigestTest, FollowsTheVectorsOfFips180AndRfc4231) {
    EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hmac_sha256("", "").size(), 32U);
}

TEST(DigestTest, FedInPiecesItIsTheSame) {
    Sha256 hash;
    hash.update("a");
    hash.update("");
    hash.update("bc");
    EXPECT_EQ(hash.finish(), sha256("abc"));
}

// Test case 16 of McGrew and Viega's GCM submission to NIST.
TEST(SealerTest, SealsAsNistHasIt) {
    FixedRandom nonce(bytes_of("cafebabefacedbaddecaf888"));
    const Sealer sealer(
        Secret(bytes_of("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")),
        nonce);
    const std::string plain = bytes_of(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    const std::string context = bytes_of("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const std::string sealed = sealer.seal(plain, context);
    EXPECT_EQ(sealed[0], '\x01');
    EXPECT_EQ(hex(sealed.substr(1, 8)), sealer.key_ids().at(0));
    EXPECT_EQ(hex(sealed.substr(9)),
              "cafebabefacedbaddecaf888"
              "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
              "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
              "76fc6ece0f4e1768cddf8853bb2d551b");
    EXPECT_EQ(*sealer.open(sealed, context), plain);
}

class SealedTest : public ::testing::Test {
protected:
    SeededRandom random_;
    Sealer sealer_{Secret(std::string(32, 'k')), random_};
    std::string sealed_ = sealer_.seal("the record", "transfer 1");

    ErrorKind kind_of(const std::string& sealed, std::string_view context = "transfer 1") const {
        const auto opened = sealer_.open(sealed, context);
        return opened ? ErrorKind::Busy : opened.error().kind();
    }
};

TEST_F(SealedTest, ABitChangedAnywhereIsFound) {
    ASSERT_EQ(*sealer_.open(sealed_, "transfer 1"), "the record");
    for (std::size_t i = 0; i < sealed_.size(); ++i) {
        std::string changed = sealed_;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_EQ(kind_of(changed), ErrorKind::Corrupt) << i;
    }
}

TEST_F(SealedTest, BytesCutOffOrAddedAreFound) {
    for (std::size_t size = 0; size < sealed_.size(); ++size)
        EXPECT_EQ(kind_of(sealed_.substr(0, size)), ErrorKind::Corrupt) << size;
    EXPECT_EQ(kind_of(sealed_ + '\0'), ErrorKind::Corrupt);
}

TEST_F(SealedTest, AnotherContextOrKeyDoesNotOpenIt) {
    EXPECT_EQ(kind_of(sealed_, "transfer 2"), ErrorKind::Corrupt);
    EXPECT_EQ(kind_of(sealed_, ""), ErrorKind::Corrupt);
    const Sealer other(Secret(std::string(32, 'l')), random_);
    EXPECT_EQ(other.open(sealed_, "transfer 1").error().kind(), ErrorKind::Corrupt);
}

TEST_F(SealedTest, NothingToSealIsSealedToo) {
    EXPECT_EQ(*sealer_.open(sealer_.seal("", ""), ""), "");
}

TEST_F(SealedTest, APseudonymIsSteadyAndBoundToKeyAndContext) {
    EXPECT_EQ(sealer_.pseudonym("1", "patient"), sealer_.pseudonym("1", "patient"));
    EXPECT_NE(sealer_.pseudonym("1", "patient"), sealer_.pseudonym("2", "patient"));
    EXPECT_NE(sealer_.pseudonym("1", "patient"), sealer_.pseudonym("1", "task"));
    EXPECT_NE(sealer_.pseudonym("bc", "a"), sealer_.pseudonym("c", "ab"));
    const Sealer other(Secret(std::string(32, 'l')), random_);
    EXPECT_NE(sealer_.pseudonym("1", "patient"), other.pseudonym("1", "patient"));
}

// A key is replaced by adding one: what the old one has sealed is read, the newest writes.
class KeyRingTest : public ::testing::Test {
protected:
    static Secret key(char fill) { return Secret(std::string(32, fill)); }
    SeededRandom random_;
    Sealer old_{key('k'), random_};
    Sealer both_{{key('k'), key('l')}, random_};
    Sealer new_{key('l'), random_};
};

TEST_F(KeyRingTest, OldKeysReadAndTheNewestWrites) {
    EXPECT_EQ(*both_.open(old_.seal("old", "c"), "c"), "old");
    EXPECT_EQ(*new_.open(both_.seal("new", "c"), "c"), "new");
    EXPECT_EQ(old_.open(both_.seal("new", "c"), "c").error().kind(), ErrorKind::Corrupt);
}

TEST_F(KeyRingTest, KeyThatIsNotInUseYetOnlyReads) {
    both_.seal_with_oldest(1);
    EXPECT_EQ(*old_.open(both_.seal("plain", "c"), "c"), "plain");
    EXPECT_EQ(*both_.open(new_.seal("plain", "c"), "c"), "plain");
}

TEST_F(KeyRingTest, PatientKeepsTheirPseudonymWhenAKeyIsAdded) {
    EXPECT_EQ(both_.pseudonym("1", "patient"), old_.pseudonym("1", "patient"));
    EXPECT_NE(both_.pseudonym("1", "patient"), new_.pseudonym("1", "patient"));
}

TEST_F(KeyRingTest, KeysHaveIdsThatTellThemApartAndNothingElse) {
    ASSERT_EQ(both_.key_ids().size(), 2U);
    EXPECT_EQ(both_.key_ids()[0], old_.key_ids()[0]);
    EXPECT_EQ(both_.key_ids()[1], new_.key_ids()[0]);
    EXPECT_NE(old_.key_ids()[0], new_.key_ids()[0]);
    EXPECT_EQ(old_.key_ids()[0].size(), 16U);
}

std::string pem(const std::string& label, std::string_view der) {
    return "-----BEGIN " + label + "-----\n" + base64(der) + "\n-----END " + label + "-----\n";
}

// RFC 8032 §7.1, tests 1 and 2.
TEST(KeyTest, Ed25519SignsAsRfc8032HasIt) {
    const auto key = Key::from_private_pem(
        Secret(pem("PRIVATE KEY",
                   bytes_of("302e020100300506032b657004220420"
                            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))));
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(hex(key->ed25519_public()),
              "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    EXPECT_EQ(hex(key->sign("")),
              "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
              "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    const auto other = Key::from_ed25519_public(
        bytes_of("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
    ASSERT_TRUE(other.ok());
    EXPECT_TRUE(other->verify(
        "\x72",
        bytes_of("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
                 "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")));
}

class EachKeyTest : public ::testing::TestWithParam<Key::Type> {};

TEST_P(EachKeyTest, SurvivesPemAndVerifiesOnlyWhatItSigned) {
    const auto made = Key::generate(GetParam());
    ASSERT_TRUE(made.ok());
    const auto key = Key::from_private_pem(made->private_pem());
    ASSERT_TRUE(key.ok());
    const auto seen = Key::from_public_pem(key->public_pem());
    ASSERT_TRUE(seen.ok());
    EXPECT_EQ(seen->type(), GetParam());
    EXPECT_TRUE(key->is_private());
    EXPECT_FALSE(seen->is_private());
    const std::string signature = key->sign("claims");
    EXPECT_TRUE(seen->verify("claims", signature));
    EXPECT_FALSE(seen->verify("claimz", signature));
    EXPECT_FALSE(seen->verify("claims", ""));
    EXPECT_FALSE(seen->verify("claims", signature + "x"));
    EXPECT_FALSE(seen->verify("claims", std::string(signature.size(), '\0')));
    for (const std::size_t i : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
        std::string changed = signature;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(seen->verify("claims", changed)) << i;
    }
    const auto other = Key::generate(GetParam());
    EXPECT_FALSE(other->verify("claims", signature));
}

INSTANTIATE_TEST_SUITE_P(Types, EachKeyTest,
                         ::testing::Values(Key::Type::Ed25519, Key::Type::Rsa, Key::Type::EcP384));

TEST(KeyTest, Es384SignaturesAreRawNumbersOf96Bytes) {
    const auto key = Key::generate(Key::Type::EcP384);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(key->sign(std::to_string(i)).size(), 96U);
}

TEST(KeyTest, WhatIsNoKeyOfOursIsRefused) {
    for (const char* text :
         {"", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
        EXPECT_EQ(Key::from_private_pem(Secret(text)).error().kind(), ErrorKind::Config);
        EXPECT_EQ(Key::from_public_pem(text).error().kind(), ErrorKind::Config);
    }
    EXPECT_FALSE(Key::from_ed25519_public("short").ok());
    // P-256 and RSA of 1024 bits, made with `openssl genpkey`.
    EXPECT_FALSE(
        Key::from_public_pem("-----BEGIN PUBLIC KEY-----\n"
                             "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeQELtUPFyDRgO10osXx5JTZGltCw\n"
                             "uM245LYphVFiQ9cP77RUUEPJgDc8THegFm3vfeU1yqNCsH9vlkX4VA3jrw==\n"
                             "-----END PUBLIC KEY-----\n")
            .ok());
    EXPECT_FALSE(
        Key::from_public_pem("-----BEGIN PUBLIC KEY-----\n"
                             "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDKunF1Gz1xB8zLTh5d4gcaLGsl\n"
                             "w/UHJvrZ9ztLkmYstieeEkKJE+0zkG0Y3F4Af/P+5gNae3uwlZXEi5gveWM/f4bQ\n"
                             "zXVrOoMONwR+s5wNzdDZ70xUtXYFURAGkbsdmvXKu/enIfBXt/5iXcaLuR02IF8S\n"
                             "+chuH6PpZu0OJUPdCQIDAQAB\n"
                             "-----END PUBLIC KEY-----\n")
            .ok());
}

// An encrypted key must end in an error, not in a question on the terminal.
TEST(KeyTest, AnEncryptedKeyIsRefusedWithoutAsking) {
    EXPECT_EQ(Key::from_private_pem(
                  Secret("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                         "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgBfW6C42Qw/gICCAAw\n"
                         "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEF+9Gv/jZF4BwMGhpnWthq0EQLIY\n"
                         "hx4vR1w6QPLntNjrnCmkj5QjdgQD1GpzSYghUofeoONXosHZAM565bPR1Tv4miUP\n"
                         "mdono5EUgooqLwzeCHw=\n"
                         "-----END ENCRYPTED PRIVATE KEY-----\n"))
                  .error()
                  .kind(),
              ErrorKind::Config);
}

}  // namespace
}  // namespace consultd::crypto
