autocmd BufRead,BufNewFile *.citadel setfiletype citadel
