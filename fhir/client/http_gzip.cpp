#include "fhir/client/http_gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

namespace consultd::fhir {
namespace {

class Inflater {
public:
    explicit Inflater(std::string_view in) {
        // 16: a gzip header and trailer, whose CRC and length zlib checks.
        ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // never written
        stream_.avail_in = static_cast<uInt>(in.size());
    }
    ~Inflater() {
        if (ready_) inflateEnd(&stream_);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    bool ready() const { return ready_; }
    bool has_input() const { return stream_.avail_in != 0; }
    int next(std::array<char, 65536>& out, std::size_t& count) {
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = static_cast<uInt>(out.size());
        const int code = inflate(&stream_, Z_NO_FLUSH);
        count = out.size() - stream_.avail_out;
        return code;
    }

private:
    z_stream stream_{};
    bool ready_ = false;
};

}  // namespace

std::string gzip(std::string_view bytes) {
    z_stream stream{};
    // 16: a gzip header and trailer; 9, 9: small before fast. It fails for want of memory alone.
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // never written
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max) {
    if (compressed.size() > std::numeric_limits<uInt>::max())
        return Error(ErrorKind::TooLarge, "gzip body is over the limit");
    Inflater inflater(compressed);
    if (!inflater.ready()) return Error(ErrorKind::Unavailable, "gzip could not be started");
    std::string out;
    std::array<char, 65536> block;
    for (;;) {
        std::size_t count = 0;
        const int code = inflater.next(block, count);
        if (code == Z_BUF_ERROR) return Error(ErrorKind::Unavailable, "gzip body is cut short");
        if (code != Z_OK && code != Z_STREAM_END)
            return Error(ErrorKind::Unavailable, "gzip body is damaged");
        if (count > bytes_max - out.size())
            return Error(ErrorKind::TooLarge, "body is over the limit once decompressed");
        out.append(block.data(), count);
        if (code == Z_STREAM_END) break;
    }
    if (inflater.has_input())
        return Error(ErrorKind::Unavailable, "gzip body is followed by other bytes");
    return out;
}

struct Gunzip::Stream {
    z_stream z{};
    bool is_ready = false, has_ended = false;
};

Gunzip::Gunzip(std::uint64_t bytes_max) : stream_(std::make_unique<Stream>()), left_(bytes_max) {
    stream_->is_ready = inflateInit2(&stream_->z, 15 + 16) == Z_OK;
}

Gunzip::~Gunzip() {
    if (stream_->is_ready) inflateEnd(&stream_->z);
}

Status Gunzip::feed(std::string_view compressed,
                    const std::function<Status(std::string_view)>& take) {
    if (!stream_->is_ready) return Error(ErrorKind::Unavailable, "gzip could not be started");
    z_stream& z = stream_->z;
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));  // never written
    z.avail_in = static_cast<uInt>(compressed.size());
    std::array<char, 65536> block;
    do {
        if (stream_->has_ended && z.avail_in != 0)
            return Error(ErrorKind::Unavailable, "gzip body is followed by other bytes");
        if (z.avail_in == 0 && stream_->has_ended) break;
        z.next_out = reinterpret_cast<Bytef*>(block.data());
        z.avail_out = static_cast<uInt>(block.size());
        const int code = inflate(&z, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            return Error(ErrorKind::Unavailable, "gzip body is damaged");
        const std::size_t count = block.size() - z.avail_out;
        if (count > left_)
            return Error(ErrorKind::TooLarge, "body is over the limit once decompressed");
        left_ -= count;
        TRY(take(std::string_view(block.data(), count)));
        stream_->has_ended = code == Z_STREAM_END;
    } while (z.avail_in != 0 || z.avail_out == 0);
    return {};
}

Status Gunzip::finish() const {
    if (stream_->has_ended) return {};
    return Error(ErrorKind::Unavailable, "gzip body is cut short");
}

}  // namespace consultd::fhir
