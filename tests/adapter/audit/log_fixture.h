// LogTest: a folder for an audit log, thrown away with the test; the log's key; entries that tell
// their index; and ways to damage files.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "adapter/audit/audit_log.h"

namespace consultd::audit {

class LogTest : public ::testing::Test {
protected:
    static constexpr const char* origin = "consult.example.org/audit";

    void SetUp() override {
        // In memory where there is such a place: hundreds of commits need no real disk here.
        const std::filesystem::path memory = "/dev/shm";
        const bool in_memory = ::access(memory.c_str(), W_OK) == 0;
        std::string pattern =
            (in_memory ? memory : std::filesystem::temp_directory_path()) / "consultd-audit-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        root_ = pattern;
        folder_ = pattern + "/audit";
    }
    void TearDown() override {
        AuditLog::set_crash_point_hook({});
        std::filesystem::remove_all(root_);
    }

    std::unique_ptr<AuditLog> open_log() {
        auto log = AuditLog::open(folder_, origin, key_);
        EXPECT_TRUE(log.ok()) << (log.ok() ? "" : log.error().message());
        return log.ok() ? std::move(*log) : nullptr;
    }
    static std::string entry_of(std::uint64_t index) {
        return R"({"resourceType":"AuditEvent","id":")" + std::to_string(index) + "\"}";
    }
    // Grows the log to `size` entries, each in a commit of its own.
    static void grow_to(AuditLog& log, std::uint64_t size) {
        for (std::uint64_t index = log.size(); index < size; ++index) {
            const auto appended = log.append(entry_of(index));
            ASSERT_TRUE(appended.ok()) << appended.error().message();
            ASSERT_EQ(*appended, index);
        }
    }
    void make_log(std::uint64_t size) {
        const auto log = open_log();
        ASSERT_NE(log, nullptr);
        grow_to(*log, size);
    }

    Verification verify() const {
        auto result = verify_log(folder_, origin, key_);
        EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message());
        return result.ok() ? *result : Verification{};
    }
    // "": it verifies; else the file that does not.
    std::string where() const { return verify().where; }

    std::string path(const std::string& file) const { return folder_ + "/" + file; }
    std::string read(const std::string& file) const {
        std::ifstream in(path(file), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(const std::string& file, std::string_view bytes) const {
        std::ofstream out(path(file), std::ios::binary | std::ios::trunc);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        ASSERT_TRUE(out.flush().good());
    }
    // Every file below the folder but the lock, which is empty and no part of the log.
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& item : std::filesystem::recursive_directory_iterator(folder_))
            if (item.is_regular_file() && item.path().filename() != "lock")
                names.push_back(std::filesystem::relative(item.path(), folder_));
        return names;
    }

    std::string root_, folder_;
    crypto::Key key_ = *crypto::Key::generate(crypto::Key::Type::Ed25519);
};

}  // namespace consultd::audit
