if exists("b:current_syntax")
  finish
endif

syntax keyword citadelDeclaration import const setting secret type error retry breaker limit plugin activity workflow schedule trigger test node mock expect from as
syntax keyword citadelType bool int uint double string bytes duration timestamp list map json
syntax keyword citadelConstant true false null none
syntax match citadelField "\<\h\w*\ze\s*:"
syntax match citadelConnection "->"
syntax match citadelNumber "\<\d[0-9A-Za-z.]*\>"
syntax region citadelInterpolation matchgroup=citadelDelimiter start="\${" end="}" contained contains=TOP
syntax region citadelString start=+"+ skip=+\\.+ end=+"+ oneline contains=citadelInterpolation
syntax region citadelString start=+"""+ end=+"""+ contains=citadelInterpolation
syntax region citadelString start=+'+ skip=+\\.+ end=+'+ oneline
syntax region citadelString start=+'''+ end=+'''+
syntax match citadelComment "//.*$"
syntax region citadelComment start="/\*" end="\*/"

highlight default link citadelDeclaration Keyword
highlight default link citadelType Type
highlight default link citadelConstant Constant
highlight default link citadelField Identifier
highlight default link citadelConnection Operator
highlight default link citadelNumber Number
highlight default link citadelDelimiter Delimiter
highlight default link citadelString String
highlight default link citadelComment Comment

setlocal commentstring=//\ %s
setlocal makeprg=citadel\ check\ --format\ short\ %
setlocal errorformat=%f:%l:%c:\ %trror[%.%#]:\ %m,%f:%l:%c:\ %tarning[%.%#]:\ %m,%f:%l:%c:\ %tote[%.%#]:\ %m
let b:current_syntax = "citadel"
