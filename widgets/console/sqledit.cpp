// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/console/sqledit.h"

#include "widgets/base/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QCompleter>
#include <QFontDatabase>
#include <QKeyEvent>
#include <QRegularExpression>
#include <QScrollBar>
#include <QStringListModel>

namespace tailscope::widgets {

namespace {

const QStringList &keywords()
{
    static const QStringList list = QStringLiteral(
        "SELECT FROM WHERE GROUP BY ORDER LIMIT OFFSET HAVING JOIN LEFT INNER ON AS AND OR NOT IN "
        "IS NULL LIKE BETWEEN CASE WHEN THEN ELSE END DISTINCT UNION ALL EXCEPT INTERSECT WITH "
        "EXISTS ASC DESC OVER PARTITION count sum avg min max percentile p50 p95 p99 p999 stddev "
        "fingerprint regexp human_ms json_each json_extract round coalesce")
                                        .split(QLatin1Char(' '));
    return list;
}

} // namespace

SqlHighlighter::SqlHighlighter(QTextDocument *document)
    : QSyntaxHighlighter(document)
{}

void SqlHighlighter::highlightBlock(const QString &text)
{
    static const QRegularExpression token(QStringLiteral(
        "(--[^\\n]*)|('(?:[^']|'')*'?)|(\\b\\d+(?:\\.\\d+)?\\b)|(\\b[A-Za-z_][A-Za-z_0-9]*\\b)"));
    const Theme theme(QApplication::palette());
    auto match = token.globalMatch(text);
    while (match.hasNext()) {
        const auto found = match.next();
        QTextCharFormat format;
        if (found.capturedLength(1) > 0) {
            format.setForeground(theme.mutedText());
        } else if (found.capturedLength(2) > 0) {
            format.setForeground(theme.good());
        } else if (found.capturedLength(3) > 0) {
            format.setForeground(theme.warning());
        } else {
            if (!keywords().contains(found.captured(4), Qt::CaseInsensitive))
                continue;
            format.setForeground(theme.info());
            format.setFontWeight(QFont::DemiBold);
        }
        setFormat(int(found.capturedStart()), int(found.capturedLength()), format);
    }
}

SqlEdit::SqlEdit(QWidget *parent)
    : QPlainTextEdit(parent)
    , m_completer(new QCompleter(this))
{
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setPlaceholderText(tr("SELECT operation, count(*), p99(duration_ns) FROM span GROUP BY 1 ORDER BY 3 DESC "
                          "  — Ctrl+Enter runs, "
                          "Ctrl+Space completes"));
    setTabChangesFocus(true);
    setAccessibleName(tr("SQL"));
    new SqlHighlighter(document());
    m_completer->setWidget(this);
    m_completer->setCaseSensitivity(Qt::CaseInsensitive);
    setWords({});
    connect(m_completer, qOverload<const QString &>(&QCompleter::activated), this, &SqlEdit::complete);
}

void SqlEdit::setWords(const QStringList &words)
{
    QStringList all = words + keywords();
    all.removeDuplicates();
    all.sort(Qt::CaseInsensitive);
    m_completer->setModel(new QStringListModel(all, m_completer));
}

QString SqlEdit::currentStatement() const
{
    const QTextCursor cursor = textCursor();
    if (cursor.hasSelection())
        return cursor.selectedText().replace(QChar::ParagraphSeparator, QLatin1Char('\n'));
    const QString text = toPlainText();
    // Semicolons inside strings do not separate.
    qsizetype begin = 0;
    bool inString = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text.at(i) == QLatin1Char('\''))
            inString = !inString;
        if (text.at(i) != QLatin1Char(';') || inString)
            continue;
        if (i >= cursor.position() || text.mid(i + 1).trimmed().isEmpty())
            return text.mid(begin, i - begin).trimmed();
        begin = i + 1;
    }
    return text.mid(begin).trimmed();
}

QString SqlEdit::wordBeforeCursor() const
{
    QTextCursor cursor = textCursor();
    const QString line = cursor.block().text().left(cursor.positionInBlock());
    static const QRegularExpression tail(QStringLiteral("[A-Za-z_][A-Za-z_0-9]*$"));
    return tail.match(line).captured();
}

void SqlEdit::complete(const QString &word)
{
    QTextCursor cursor = textCursor();
    cursor.movePosition(QTextCursor::Left, QTextCursor::KeepAnchor, int(wordBeforeCursor().size()));
    cursor.insertText(word);
    setTextCursor(cursor);
}

void SqlEdit::keyPressEvent(QKeyEvent *event)
{
    const bool control = event->modifiers().testFlag(Qt::ControlModifier);
    if (m_completer->popup()->isVisible()
        && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Tab
            || event->key() == Qt::Key_Escape)) {
        event->ignore(); // the popup takes it
        return;
    }
    if (control && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
        Q_EMIT runRequested();
        return;
    }
    const bool asked = control && event->key() == Qt::Key_Space;
    if (!asked)
        QPlainTextEdit::keyPressEvent(event);
    const QString prefix = wordBeforeCursor();
    if (!asked && (event->text().isEmpty() || prefix.size() < 2)) {
        m_completer->popup()->hide();
        return;
    }
    m_completer->setCompletionPrefix(prefix);
    if (m_completer->completionCount() == 0
        || (m_completer->completionCount() == 1 && m_completer->currentCompletion() == prefix)) {
        m_completer->popup()->hide();
        return;
    }
    m_completer->popup()->setCurrentIndex(m_completer->completionModel()->index(0, 0));
    QRect place = cursorRect();
    place.setWidth(m_completer->popup()->sizeHintForColumn(0)
        + m_completer->popup()->verticalScrollBar()->sizeHint().width());
    m_completer->complete(place);
}

} // namespace tailscope::widgets
