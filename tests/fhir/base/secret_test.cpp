#include "fhir/base/secret.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace consultd {
namespace {

class SecretFileTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = ::testing::TempDir() + "secret-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string holding(const std::string& bytes, mode_t mode = 0600) const {
        const std::string path = folder_ + "/secret";
        std::ofstream(path, std::ios::binary) << bytes;
        ::chmod(path.c_str(), mode);
        return path;
    }
    static ErrorKind refusal(const std::string& path) {
        const auto secret = read_secret_file(path);
        return secret ? ErrorKind::Busy : secret.error().kind();
    }
    std::string folder_;
};

TEST_F(SecretFileTest, OneLineEndIsDropped) {
    EXPECT_EQ(read_secret_file(holding("token"))->reveal(), "token");
    EXPECT_EQ(read_secret_file(holding("token\n"))->reveal(), "token");
    EXPECT_EQ(read_secret_file(holding("token\r\n"))->reveal(), "token");
    EXPECT_EQ(read_secret_file(holding("token\n\n"))->reveal(), "token\n");
    EXPECT_EQ(read_secret_file(holding("token\r"))->reveal(), "token\r");
}

TEST_F(SecretFileTest, AFileThatOthersMayReadIsRefused) {
    for (const mode_t mode : {0640U, 0604U, 0644U, 0620U, 0602U, 0601U})
        EXPECT_EQ(refusal(holding("token", mode)), ErrorKind::Config) << mode;
    EXPECT_TRUE(read_secret_file(holding("token", 0400)).ok());
}

TEST_F(SecretFileTest, WhatIsNoSecretFileIsRefused) {
    EXPECT_EQ(refusal(folder_ + "/absent"), ErrorKind::Config);
    EXPECT_EQ(refusal(folder_), ErrorKind::Config);
    EXPECT_EQ(refusal(holding("")), ErrorKind::Config);
    EXPECT_EQ(refusal(holding("\n")), ErrorKind::Config);
    EXPECT_EQ(refusal(holding(std::string(65'537, 'x'))), ErrorKind::Config);
    EXPECT_EQ(read_secret_file(holding(std::string(65'536, 'x')))->reveal().size(), 65'536U);
}

TEST_F(SecretFileTest, AFifoDoesNotHoldUpTheStart) {
    const std::string path = folder_ + "/fifo";
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(refusal(path), ErrorKind::Config);
}

TEST(SecretTest, EqualsComparesAllBytes) {
    const Secret secret("abc");
    EXPECT_TRUE(secret.equals("abc"));
    EXPECT_FALSE(secret.equals("abd"));
    EXPECT_FALSE(secret.equals("ab"));
    EXPECT_FALSE(secret.equals("abcd"));
    EXPECT_TRUE(Secret().equals(""));
}

TEST(SecretTest, AMovedFromSecretIsEmptyEvenWhenShort) {
    Secret from("short");
    const char* const left_behind = from.reveal().data();
    const Secret to(std::move(from));
    EXPECT_EQ(to.reveal(), "short");
    EXPECT_TRUE(from.empty());                // NOLINT: what is left is the subject
    EXPECT_EQ(std::string(left_behind), "");  // a short string's bytes are within `from` itself
}

}  // namespace
}  // namespace consultd
