// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

#include <tl/expected.hpp>

namespace tailscope {

/// A value or an Error; the only way functions report failure across module edges.
template<typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string subject, std::string detail,
    std::string hint = {})
{
    return tl::unexpected<Error>(
        Error{code, std::move(subject), std::move(detail), std::nullopt, std::move(hint)});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

} // namespace tailscope

/// Returns the error of `expr` from the enclosing function; `expr` yields a Result.
#define TS_TRY(expr)                                                                                         \
    do {                                                                                                     \
        auto tsTryResult = (expr);                                                                           \
        if (!tsTryResult)                                                                                    \
            return tl::unexpected(std::move(tsTryResult.error()));                                           \
    } while (false)
