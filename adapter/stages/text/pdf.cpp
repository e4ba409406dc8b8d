#include "adapter/stages/text/pdf.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <utility>

#include "adapter/stages/text/pdf_limits.h"
#include "fhir/base/utf8.h"

namespace consultd {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() { close(); }
    void close() {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }
    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

private:
    int number_;
};

// Beside this program, where it was built, or where it was installed.
std::string reader_path() {
    std::array<char, PATH_MAX> link{};
    const ssize_t size = ::readlink("/proc/self/exe", link.data(), link.size());
    if (size <= 0) return {};
    const std::string own(link.data(), static_cast<std::size_t>(size));
    const std::string folder = own.substr(0, own.rfind('/'));
    for (const std::string_view place :
         {"/consultd-pdftext", "/../libexec/consultd/consultd-pdftext"})
        if (const std::string path = folder + std::string(place); ::access(path.c_str(), X_OK) == 0)
            return path;
    return {};
}

// The file in memory, to be read from its start: it lies on no disk.
Descriptor file_of(std::string_view bytes) {
    Descriptor file(::memfd_create("pdf", MFD_CLOEXEC));
    while (file && !bytes.empty()) {
        const ssize_t count = ::write(file.number(), bytes.data(), bytes.size());
        if (count <= 0) return Descriptor();
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    if (file) ::lseek(file.number(), 0, SEEK_SET);
    return file;
}

class Reader {
public:
    Reader(const Descriptor& input, const Descriptor& output) {
        const std::string path = reader_path();
        if (path.empty()) return;
        std::string name = "consultd-pdftext";
        std::array<char*, 2> arguments = {name.data(), nullptr};
        std::array<char*, 1> environment = {nullptr};
        posix_spawn_file_actions_t actions;
        if (::posix_spawn_file_actions_init(&actions) != 0) return;
        // It gets the file and the pipe, and no other descriptor of ours.
        const bool is_set =
            ::posix_spawn_file_actions_adddup2(&actions, input.number(), STDIN_FILENO) == 0 &&
            ::posix_spawn_file_actions_adddup2(&actions, output.number(), STDOUT_FILENO) == 0 &&
            ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) ==
                0 &&
            ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1) == 0;
        if (!is_set || ::posix_spawn(&pid_, path.c_str(), &actions, nullptr, arguments.data(),
                                     environment.data()) != 0)
            pid_ = -1;
        ::posix_spawn_file_actions_destroy(&actions);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    // What has not ended by now never will.
    ~Reader() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    bool is_running() const { return pid_ > 0; }

private:
    pid_t pid_ = -1;
};

// All that comes through the pipe until it is closed; absent: too much, or too late.
std::optional<std::string> read_until_closed(const Descriptor& pipe, std::size_t bytes_max,
                                             Clock::time_point until) {
    std::string out;
    std::array<char, 65536> buffer{};
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
        if (left.count() <= 0) return std::nullopt;
        pollfd ready{pipe.number(), POLLIN, 0};
        const int answer = ::poll(&ready, 1, static_cast<int>(left.count()));
        if (answer < 0 && errno == EINTR) continue;
        if (answer <= 0) return std::nullopt;
        const ssize_t count = ::read(pipe.number(), buffer.data(), buffer.size());
        if (count < 0) return std::nullopt;
        if (count == 0) return out;
        out.append(buffer.data(), static_cast<std::size_t>(count));
        if (out.size() > bytes_max) return std::nullopt;
    }
}

// "pages 3 …" gives 3 and takes that away.
std::optional<std::size_t> take_count(std::string_view& text, std::string_view name) {
    if (!text.starts_with(name) || text.substr(name.size(), 1) != " ") return std::nullopt;
    text.remove_prefix(name.size() + 1);
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return std::nullopt;
    text.remove_prefix(1);
    return count;
}

std::optional<PdfText> parse(std::string_view output) {
    const auto pages = take_count(output, "pages"), blank = take_count(output, "blank"),
               unread = take_count(output, "unseen"), shown = take_count(output, "shown"),
               beside = take_count(output, "beside");
    if (!pages || !blank || !unread || !shown || !beside) return std::nullopt;
    if (*shown > output.size() || output.size() - *shown != *beside) return std::nullopt;
    PdfText out{std::string(output.substr(0, *shown)), std::string(output.substr(*shown)), *pages,
                *blank, *unread};
    if (!is_utf8(out.shown) || !is_utf8(out.beside)) return std::nullopt;
    return out;
}

}  // namespace

std::optional<PdfText> read_pdf(std::string_view bytes) {
    if (!bytes.starts_with("%PDF-") || bytes.size() > pdf_limits::bytes) return std::nullopt;
    const Descriptor file = file_of(bytes);
    std::array<int, 2> ends{};
    if (!file || ::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
    const Descriptor from(ends[0]);
    Descriptor to(ends[1]);
    const Reader reader(file, to);
    to.close();
    if (!reader.is_running()) return std::nullopt;
    const auto output = read_until_closed(from, 4 * pdf_limits::text_bytes,
                                          Clock::now() + std::chrono::seconds(pdf_limits::wait_s));
    return output ? parse(*output) : std::nullopt;
}

}  // namespace consultd
