#include "fhir/client/http_cpprest_pipe.h"

#include <algorithm>

#include "fhir/client/http_gzip.h"
#include "fhir/client/http_message.h"

namespace consultd::fhir::cpprest {
namespace {

constexpr std::size_t short_body = 256 * 1024;

// What the library writes a body to. It is written to alone, and from its beginning to its end.
class PipeBuffer final : public concurrency::streams::details::streambuf_state_manager<uint8_t> {
public:
    explicit PipeBuffer(std::shared_ptr<BodyPipe> pipe)
        : streambuf_state_manager(std::ios_base::out), pipe_(std::move(pipe)) {}

    bool can_seek() const override { return false; }
    bool has_size() const override { return false; }
    std::size_t buffer_size(std::ios_base::openmode) const override { return 0; }
    void set_buffer_size(std::size_t, std::ios_base::openmode) override {}
    std::size_t in_avail() const override { return 0; }
    pos_type getpos(std::ios_base::openmode) const override { return nowhere(); }
    pos_type seekpos(pos_type, std::ios_base::openmode) override { return nowhere(); }
    pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override {
        return nowhere();
    }
    bool acquire(uint8_t*& bytes, std::size_t& count) override {
        bytes = nullptr;
        count = 0;
        return false;
    }
    void release(uint8_t*, std::size_t) override {}

protected:
    pplx::task<int_type> _putc(uint8_t byte) override {
        return pipe_->put(std::string(1, static_cast<char>(byte))).then([byte](std::size_t) {
            return static_cast<int_type>(byte);
        });
    }
    pplx::task<std::size_t> _putn(const uint8_t* bytes, std::size_t count) override {
        return pipe_->put(std::string(reinterpret_cast<const char*>(bytes), count));
    }
    pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
    uint8_t* _alloc(std::size_t) override { return nullptr; }
    void _commit(std::size_t) override {}

    // Nobody reads from it.
    pplx::task<int_type> _bumpc() override { return nothing(); }
    int_type _sbumpc() override { return traits::eof(); }
    pplx::task<int_type> _getc() override { return nothing(); }
    int_type _sgetc() override { return traits::eof(); }
    pplx::task<int_type> _nextc() override { return nothing(); }
    pplx::task<int_type> _ungetc() override { return nothing(); }
    pplx::task<std::size_t> _getn(uint8_t*, std::size_t) override {
        return pplx::task_from_result(std::size_t{0});
    }
    std::size_t _scopy(uint8_t*, std::size_t) override { return 0; }

private:
    static pos_type nowhere() { return static_cast<pos_type>(traits::eof()); }
    static pplx::task<int_type> nothing() {
        return pplx::task_from_result(static_cast<int_type>(traits::eof()));
    }
    std::shared_ptr<BodyPipe> pipe_;
};

}  // namespace

concurrency::streams::ostream BodyPipe::stream() {
    return concurrency::streams::ostream(
        concurrency::streams::streambuf<uint8_t>(std::make_shared<PipeBuffer>(shared_from_this())));
}

void BodyPipe::begin(HttpResponse head) {
    const std::lock_guard lock(mutex_);
    head_ = std::move(head);
    changed_.notify_all();
}

pplx::task<std::size_t> BodyPipe::put(std::string piece) {
    const std::lock_guard lock(mutex_);
    const std::size_t count = piece.size();
    bytes_ += count;
    if (is_discarding_) return pplx::task_from_result(count);
    piece_ = std::move(piece);
    taken_ = pplx::task_completion_event<std::size_t>();
    changed_.notify_all();
    return pplx::create_task(taken_);
}

void BodyPipe::end() {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    changed_.notify_all();
}

// The next piece; absent: there is none any more.
std::optional<std::string> BodyPipe::take() {
    std::optional<std::string> piece;
    pplx::task_completion_event<std::size_t> taken;
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return (head_ && piece_) || has_ended_; });
        if (!head_ || !piece_) return std::nullopt;
        piece = std::exchange(piece_, std::nullopt);
        taken = taken_;
    }
    taken.set(piece->size());
    return piece;
}

Result<std::string> BodyPipe::drain(const std::future<Result<HttpResponse>>& answer,
                                    const BodySink& sink, std::uint64_t bytes_max) {
    std::string body;
    std::optional<Gunzip> gunzip;
    bool is_first = true;
    // An exchange that could not be begun has its answer and no pieces.
    if (answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready) end();
    for (std::optional<std::string> piece = take(); piece; piece = take()) {
        if (head_->status != 200) {
            body.append(*piece, 0, short_body - std::min(short_body, body.size()));
            continue;
        }
        if (std::exchange(is_first, false)) {
            TRY_ASSIGN(const std::string_view coding, coding_of(*head_));
            if (coding == "gzip") gunzip.emplace(bytes_max);
        }
        TRY(gunzip ? gunzip->feed(*piece, sink) : sink(*piece));
    }
    if (gunzip) TRY(gunzip->finish());
    return body;
}

void BodyPipe::discard() {
    pplx::task_completion_event<std::size_t> taken;
    std::size_t count = 0;
    {
        const std::lock_guard lock(mutex_);
        is_discarding_ = true;
        if (!piece_) return;
        count = piece_->size();
        piece_.reset();
        taken = taken_;
    }
    taken.set(count);
}

std::uint64_t BodyPipe::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

}  // namespace consultd::fhir::cpprest
