// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <type_traits>
#include <vector>

class QTemporaryFile;

namespace tailscope::analysis {

/// A nameless temporary file that holds what does not fit into memory. Used by one thread at a time.
class SpillFile
{
public:
    explicit SpillFile(std::filesystem::path folder);
    ~SpillFile();
    /// Appends and returns the place. The file is made at the first call.
    Result<std::uint64_t> append(const void *data, std::size_t bytes);
    Result<void> read(std::uint64_t offset, void *data, std::size_t bytes);

private:
    std::filesystem::path m_folder;
    std::unique_ptr<QTemporaryFile> m_file;
    std::uint64_t m_size = 0;
};

/// Records sorted into buckets, each handed back whole and in the order it was filled. What passes the memory
/// budget goes to a temporary file in `folder`. Used by one thread at a time. T is copied as bytes.
template<typename T>
class SpillBuckets
{
    static_assert(std::is_trivially_copyable_v<T>);

public:
    SpillBuckets(const std::filesystem::path &folder, std::size_t buckets, std::size_t memoryBudget)
        : m_file(std::make_unique<SpillFile>(folder))
        , m_buckets(buckets)
        , m_budget(memoryBudget)
    {}

    /// An error (disk full) is kept and told by take() and error(); what follows it is dropped.
    void add(std::size_t bucket, const T &item)
    {
        Bucket &b = m_buckets[bucket];
        if (b.open.size() == kChunk)
            close(b);
        if (b.open.capacity() == 0)
            b.open.reserve(kChunk);
        b.open.push_back(item);
        ++b.count;
    }
    std::size_t bucketCount() const { return m_buckets.size(); }
    std::size_t count(std::size_t bucket) const { return m_buckets[bucket].count; }
    const Result<void> &status() const { return m_status; }

    /// Appends the records of a bucket to `out` and forgets them.
    Result<void> take(std::size_t bucket, std::vector<T> &out)
    {
        if (!m_status)
            return m_status;
        Bucket b = std::move(m_buckets[bucket]);
        m_buckets[bucket] = {};
        out.reserve(out.size() + b.count); // growing step by step would need up to twice the memory
        for (Chunk &chunk : b.chunks) {
            if (chunk.items.empty()) {
                const std::size_t at = out.size();
                out.resize(at + kChunk);
                TS_TRY(m_file->read(chunk.offset, out.data() + at, kChunk * sizeof(T)));
            } else {
                out.insert(out.end(), chunk.items.begin(), chunk.items.end());
                m_inMemory -= kChunk * sizeof(T);
                chunk.items = {};
            }
        }
        out.insert(out.end(), b.open.begin(), b.open.end());
        return {};
    }

private:
    static constexpr std::size_t kChunk = 32'768 / sizeof(T);
    struct Chunk
    {
        std::uint64_t offset = 0;
        std::vector<T> items; // empty: in the file
    };
    struct Bucket
    {
        std::vector<T> open;
        std::vector<Chunk> chunks;
        std::size_t count = 0;
    };

    void close(Bucket &b)
    {
        if (m_inMemory + kChunk * sizeof(T) <= m_budget) {
            m_inMemory += kChunk * sizeof(T);
            b.chunks.push_back({0, std::move(b.open)});
            b.open = {};
            return;
        }
        if (m_status) {
            const Result<std::uint64_t> offset = m_file->append(b.open.data(), kChunk * sizeof(T));
            if (offset)
                b.chunks.push_back({*offset, {}});
            else
                m_status = tl::unexpected(offset.error());
        }
        b.open.clear();
    }

    std::unique_ptr<SpillFile> m_file;
    std::vector<Bucket> m_buckets;
    std::size_t m_budget = 0, m_inMemory = 0;
    Result<void> m_status;
};

} // namespace tailscope::analysis
