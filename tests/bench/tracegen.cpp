// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Writes large inputs for the benchmarks. Plain C++20, needs nothing of the project. See README.md beside it.

#include "tracegen_chrome.h"
#include "tracegen_lines.h"
#include "tracegen_otlp.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

using namespace tracegen;

namespace {

struct Options
{
    std::string_view format, file = "-";
    std::uint64_t count = 1'000'000, seed = 1, chunk = 1;
};

constexpr const char *kUsage
    = "usage: tracegen --format chrome|otlp|collapsed|csv [--count N[k|M]] [--seed S] "
      "[--chunk N] [--out FILE|-]\n";

// A whole number with an optional k or M (thousand, million).
std::optional<std::uint64_t> parseCount(std::string_view text)
{
    std::uint64_t factor = 1;
    if (text.ends_with('k') || text.ends_with('M')) {
        factor = text.ends_with('k') ? 1'000 : 1'000'000;
        text.remove_suffix(1);
    }
    constexpr std::uint64_t kMost = 1'000'000'000'000; // keeps products of counts within 64 bits
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > kMost / factor)
        return std::nullopt;
    return value * factor;
}

std::optional<Options> parseOptions(int argc, char **argv)
{
    Options options;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (i + 1 >= argc)
            return std::nullopt;
        const std::string_view value = argv[i + 1];
        const auto number = parseCount(value);
        if (name == "--format")
            options.format = value;
        else if (name == "--out")
            options.file = value;
        else if (name == "--count" && number)
            options.count = *number;
        else if (name == "--seed" && number)
            options.seed = *number;
        else if (name == "--chunk" && number && *number > 0)
            options.chunk = *number;
        else
            return std::nullopt;
    }
    static constexpr std::array<std::string_view, 4> kFormats{"chrome", "otlp", "collapsed", "csv"};
    if (std::find(kFormats.begin(), kFormats.end(), options.format) == kFormats.end())
        return std::nullopt;
    return options;
}

void write(Output &out, const Options &options)
{
    if (options.format == "chrome")
        writeChrome(out, options.count, options.seed, options.chunk);
    else if (options.format == "otlp")
        OtlpWriter(out, options.count, options.seed).run();
    else if (options.format == "collapsed")
        writeCollapsed(out, options.count, options.seed);
    else
        writeCsv(out, options.count, options.seed);
}

} // namespace

int main(int argc, char **argv)
{
    const std::optional<Options> options = parseOptions(argc, argv);
    if (!options) {
        std::fputs(kUsage, stderr);
        return 2;
    }
    const std::string file(options->file);
    std::FILE *target = file == "-" ? stdout : std::fopen(file.c_str(), "wb");
    if (!target) {
        std::fprintf(stderr, "tracegen: cannot write %s: %s\n", file.c_str(), std::strerror(errno));
        return 3;
    }
    const auto begin = std::chrono::steady_clock::now();
    Output out(target);
    write(out, *options);
    if (!out.flush() || (target != stdout && std::fclose(target) != 0)) {
        std::fprintf(stderr, "tracegen: writing %s failed: %s\n", file.c_str(), std::strerror(errno));
        return 3;
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    std::fprintf(stderr, "tracegen: %llu records, %llu bytes, %.3f s, %.0f MB/s\n",
        static_cast<unsigned long long>(options->count), static_cast<unsigned long long>(out.bytes()),
        elapsed.count(), double(out.bytes()) / 1e6 / elapsed.count());
    return 0;
}
