#include "fhir/base/secret.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace consultd {
namespace {

constexpr std::size_t secret_bytes_max = std::size_t{64} << 10;

class File {
public:
    // Non-blocking, so that a FIFO in the place of a secret cannot hold up the start.
    explicit File(const std::string& path)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

}  // namespace

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        wipe();
        bytes_ = other.bytes_;
    }
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        bytes_ = std::move(other.bytes_);
        other.wipe();
    }
    return *this;
}

bool Secret::equals(std::string_view other) const {
    return bytes_.size() == other.size() &&
           CRYPTO_memcmp(bytes_.data(), other.data(), bytes_.size()) == 0;
}

void Secret::wipe() noexcept {
    // The whole buffer: a short string that was moved from has its bytes still there. Growing to
    // the capacity does not allocate.
    bytes_.resize(bytes_.capacity());
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
    bytes_.clear();
}

Result<Secret> read_secret_file(const std::string& path) {
    const File file(path);
    if (file.descriptor() < 0)
        return Error(ErrorKind::Config, "secret file cannot be opened").with("errno", errno);
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0 || !S_ISREG(status.st_mode))
        return Error(ErrorKind::Config, "secret file is not a regular file");
    if ((status.st_mode & 077) != 0)
        return Error(ErrorKind::Config, "secret file is open to others; its mode must be 0600");
    if (status.st_size > static_cast<off_t>(secret_bytes_max))
        return Error(ErrorKind::Config, "secret file is larger than 64 KiB");
    std::string bytes;
    // Room for one byte more than the limit, so that nothing is copied about while it grows.
    bytes.resize(secret_bytes_max + 1);
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t got = ::read(file.descriptor(), bytes.data() + size, bytes.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return Error(ErrorKind::Config, "secret file cannot be read").with("errno", errno);
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    const Secret all(std::move(bytes));
    if (size > secret_bytes_max)
        return Error(ErrorKind::Config, "secret file is larger than 64 KiB");
    std::string_view text = all.reveal().substr(0, size);
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r') && text.size() < size) text.remove_suffix(1);
    if (text.empty()) return Error(ErrorKind::Config, "secret file is empty");
    return Secret(std::string(text));
}

}  // namespace consultd
