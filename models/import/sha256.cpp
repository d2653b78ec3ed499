// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/sha256.h"

// Nettle uses the processor's own instructions and is about seven times as fast as QCryptographicHash
// (Qt 6.4): at 225 MB/s the hash would be the slowest stage of an import.
#ifdef TS_HAVE_NETTLE
#include <array>
#include <nettle/sha2.h>
#else
#include <QCryptographicHash>
#endif

namespace tailscope::import {

#ifdef TS_HAVE_NETTLE

struct Sha256::Impl
{
    sha256_ctx context{};
};

Sha256::Sha256()
    : m_impl(std::make_unique<Impl>())
{
    sha256_init(&m_impl->context);
}

void Sha256::add(std::string_view bytes)
{
    sha256_update(&m_impl->context, bytes.size(), reinterpret_cast<const std::uint8_t *>(bytes.data()));
}

std::string Sha256::takeHex()
{
    static constexpr char kHex[] = "0123456789abcdef";
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
    sha256_digest(&m_impl->context, digest.size(), digest.data()); // starts anew by itself
    std::string hex;
    hex.reserve(2 * digest.size());
    for (const std::uint8_t byte : digest) {
        hex += kHex[byte >> 4];
        hex += kHex[byte & 15];
    }
    return hex;
}

#else

struct Sha256::Impl
{
    QCryptographicHash hash{QCryptographicHash::Sha256};
};

Sha256::Sha256()
    : m_impl(std::make_unique<Impl>())
{}

void Sha256::add(std::string_view bytes)
{
    m_impl->hash.addData(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
}

std::string Sha256::takeHex()
{
    const std::string hex = m_impl->hash.result().toHex().toStdString();
    m_impl->hash.reset();
    return hex;
}

#endif

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256 &&) noexcept = default;
Sha256 &Sha256::operator=(Sha256 &&) noexcept = default;

} // namespace tailscope::import
