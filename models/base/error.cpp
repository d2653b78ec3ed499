// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

namespace tailscope {

std::string Location::toText() const
{
    std::string text;
    if (line) {
        text = "line " + std::to_string(*line);
        if (column)
            text += ", column " + std::to_string(*column);
    }
    if (offset) {
        if (!text.empty())
            text += ", ";
        text += "offset " + std::to_string(*offset);
    }
    return text;
}

std::string Error::toText() const
{
    std::string text = subject + ": " + detail;
    if (where) {
        const std::string place = where->toText();
        if (!place.empty())
            text += " (" + place + ")";
    }
    if (!hint.empty())
        text += ". " + hint;
    return text;
}

int exitCode(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Usage:
        return 2;
    case ErrorCode::NotFound:
    case ErrorCode::NotReadable:
    case ErrorCode::UnknownFormat:
    case ErrorCode::BadInput:
    case ErrorCode::LimitExceeded:
    case ErrorCode::Cancelled:
    case ErrorCode::Internal:
        return 3;
    case ErrorCode::Connection:
        return 4;
    case ErrorCode::DiskFull:
    case ErrorCode::Locked:
    case ErrorCode::Damaged:
    case ErrorCode::NewerVersion:
    case ErrorCode::Sql:
        return 5;
    }
    return 3;
}

} // namespace tailscope
