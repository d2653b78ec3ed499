// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinenoteeditor.h"

#include <QKeyEvent>

#include <algorithm>

namespace tailscope::widgets {

namespace {

constexpr int kMaxLetters = 2000;
constexpr int kWidth = 260;

} // namespace

TimelineNoteEditor::TimelineNoteEditor(QWidget *parent)
    : QLineEdit(parent)
{
    setMaxLength(kMaxLetters);
    setPlaceholderText(tr("Note; Enter keeps it"));
    setAccessibleName(tr("Note"));
    hide();
}

void TimelineNoteEditor::open(const QPoint &place, qint64 noteId, Nanos ts, std::optional<Nanos> end,
    const QString &text)
{
    m_noteId = noteId;
    m_ts = ts;
    m_end = end;
    setText(text);
    selectAll();
    const int width = std::min(kWidth, parentWidget()->width() - 8);
    const int x = std::clamp(place.x(), 4, std::max(4, parentWidget()->width() - width - 4));
    setGeometry(x, place.y(), width, sizeHint().height());
    show();
    raise();
    setFocus();
}

void TimelineNoteEditor::finish(bool keep)
{
    if (isHidden())
        return;
    const QString text = this->text().trimmed();
    hide();
    parentWidget()->setFocus();
    if (keep && !text.isEmpty())
        Q_EMIT accepted(m_noteId, m_ts, m_end, text);
}

void TimelineNoteEditor::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        finish(true);
    else if (event->key() == Qt::Key_Escape)
        finish(false);
    else
        QLineEdit::keyPressEvent(event);
}

void TimelineNoteEditor::focusOutEvent(QFocusEvent *event)
{
    QLineEdit::focusOutEvent(event);
    // The context menu of the line takes the focus for a moment.
    if (event->reason() != Qt::PopupFocusReason)
        finish(false);
}

} // namespace tailscope::widgets
