#include "adapter/commands/report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace consultd::commands {

void tell(std::string_view line) { std::cerr << line << std::endl; }
void print_result(std::string_view text) { std::cout << text << std::flush; }
bool all_was_printed() { return std::cout.good(); }

int exit_code_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Unavailable:
            return EX_UNAVAILABLE;
        case ErrorKind::RateLimited:
        case ErrorKind::Uncertain:
        case ErrorKind::Busy:
        case ErrorKind::Cancelled:
            return EX_TEMPFAIL;
        case ErrorKind::Unauthorized:
        case ErrorKind::Forbidden:
        case ErrorKind::Denied:
            return EX_NOPERM;
        case ErrorKind::NotFound:
            return EX_NOINPUT;
        case ErrorKind::Conflict:
        case ErrorKind::Malformed:
        case ErrorKind::Unsupported:
        case ErrorKind::TooLarge:
        case ErrorKind::Corrupt:  // somebody's hand, or a disk's, and no bug of ours
            return EX_DATAERR;
        case ErrorKind::Storage:
            return EX_IOERR;
        case ErrorKind::Config:
            return EX_CONFIG;
    }
    return EX_SOFTWARE;
}

int fail(std::string_view command, const Error& error) {
    return fail(command, error.message(), exit_code_of(error.kind()));
}

int fail(std::string_view command, std::string_view text, int exit_code) {
    tell("consultd " + std::string(command) + ": " + std::string(text));
    return exit_code;
}

Result<std::string> read_file(const std::string& file, std::size_t bytes_max) {
    const bool from_stdin = file == "-";
    std::ifstream opened;
    if (!from_stdin) {
        if (!std::filesystem::is_regular_file(file))
            return Error(ErrorKind::NotFound, "the file cannot be read");
        opened.open(file, std::ios::binary);
    }
    std::istream& in = from_stdin ? std::cin : opened;
    std::string bytes;
    std::error_code error;
    const std::uintmax_t size = from_stdin ? 0 : std::filesystem::file_size(file, error);
    if (!error && size <= bytes_max) bytes.reserve(static_cast<std::size_t>(size));
    char buffer[1 << 16];
    while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
        bytes.append(buffer, static_cast<std::size_t>(in.gcount()));
        if (bytes.size() > bytes_max)
            return Error(ErrorKind::TooLarge, "the file is over the limit");
    }
    if (!in.eof()) return Error(ErrorKind::NotFound, "the file cannot be read");
    return bytes;
}

Status make_folder(const std::string& folder) {
    std::error_code error;
    // Each that is new is for its owner alone; what was there may be anybody's, and stays as it is.
    const mode_t mask = ::umask(077);
    std::filesystem::create_directories(folder, error);
    ::umask(mask);
    if (error || ::access(folder.c_str(), W_OK | X_OK) != 0)
        return Error(ErrorKind::Storage, "the output folder cannot be made or written in");
    return {};
}

namespace {

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

bool write_to(const std::string& file, const std::function<void(const Write&)>& produce) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return false;
    bool ok = true;
    produce([&](std::string_view piece) { ok = ok && write_all(descriptor, piece); });
    return ::close(descriptor) == 0 && ok;
}

}  // namespace

Status write_file(const std::string& file, const std::function<void(const Write&)>& produce) {
    std::error_code error;
    const auto kind = std::filesystem::status(file, error).type();
    const bool is_whole_file = kind == std::filesystem::file_type::regular ||
                               kind == std::filesystem::file_type::not_found;
    const std::string written = is_whole_file ? file + ".part" : file;  // or a pipe, a device
    bool ok = write_to(written, produce);
    if (is_whole_file) {
        ok = ok && ::rename(written.c_str(), file.c_str()) == 0;
        if (!ok) ::unlink(written.c_str());
    }
    return ok ? Status{} : Error(ErrorKind::Storage, "a file cannot be written");
}

Status write_file(const std::string& file, std::string_view bytes) {
    return write_file(file, [&](const Write& write) { write(bytes); });
}

}  // namespace consultd::commands
